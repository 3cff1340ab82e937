"""The words of satisfaction on the wire, and its events. That somebody answered is told to nobody."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import satisfaction_pb2 as pb
from ticket.satisfaction.rules import Wave

STATE: Final = Words(pb.SurveyState)
WAVE: Final = Words(pb.Wave)


def wave_opened(survey: Row, wave: Wave) -> pb.SurveyWaveOpened:
    return pb.SurveyWaveOpened(survey_id=survey.id, wave=WAVE.number(wave), synthetic=survey.synthetic)


def wave_closed(survey: Row, wave: Wave) -> pb.SurveyWaveClosed:
    return pb.SurveyWaveClosed(survey_id=survey.id, wave=WAVE.number(wave))
