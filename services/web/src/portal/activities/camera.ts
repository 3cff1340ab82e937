import { onScopeDispose, ref, shallowRef, type Ref } from "vue";

interface Detected {
  rawValue: string;
}

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<Detected[]>;
}

type DetectorClass = new (options: { formats: string[] }) => Detector;

const LOOK_EVERY_MS = 250;

export interface Scanner {
  /** Whether this browser can read codes itself. */
  able: boolean;
  scanning: Ref<boolean>;
  refused: Ref<boolean>;
  start: (video: HTMLVideoElement) => Promise<void>;
  stop: () => void;
}

/** Reads QR codes with the phone's own detector; where there is none, people type the code. */
export function useScanner(found: (text: string) => void): Scanner {
  const detectorClass = (window as unknown as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const able = detectorClass !== undefined && "mediaDevices" in navigator;
  const scanning = ref(false);
  const refused = ref(false);
  const stream = shallowRef<MediaStream>();
  let timer: ReturnType<typeof setInterval> | undefined;

  function stop(): void {
    clearInterval(timer);
    stream.value?.getTracks().forEach((track) => track.stop());
    stream.value = undefined;
    scanning.value = false;
  }

  async function start(video: HTMLVideoElement): Promise<void> {
    if (!detectorClass) return;
    refused.value = false;
    try {
      stream.value = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.value = true;
      return;
    }
    scanning.value = true;
    video.srcObject = stream.value;
    await video.play();
    const detector = new detectorClass({ formats: ["qr_code"] });
    timer = setInterval(() => {
      void detector.detect(video).then((codes) => {
        const text = codes[0]?.rawValue;
        if (text && scanning.value) {
          stop();
          found(text);
        }
      });
    }, LOOK_EVERY_MS);
  }

  onScopeDispose(stop);
  return { able, scanning, refused, start, stop };
}
