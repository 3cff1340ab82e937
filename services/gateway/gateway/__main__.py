"""The gateway process: `python -m gateway`."""

import asyncio
from datetime import timedelta

from chassis.process import Process, run


async def start(process: Process) -> None:
    """Everything that runs here."""
    from gateway.app import Gateway, Parts
    from gateway.files.rpc import Files
    from gateway.files.storage import Storage, sweep
    from gateway.server import Door, serve
    from gateway.settings import GatewaySettings
    from gateway.site import Site
    from louyu.gateway.v1.files_pb2_grpc import add_FilesServiceServicer_to_server

    settings = GatewaySettings()
    storage = Storage(process.settings.files)
    gateway = Gateway(
        Parts(
            tokens=process.tokens,
            grants=process.grants,
            references=process.files,
            channel=process.client,
            bare=process.bare,
            storage=storage,
            site=Site.load(process.settings.web),
            ops=process.ops,
            secret=process.settings.key("secret"),
            settings=settings,
        )
    )

    process.serve(add_FilesServiceServicer_to_server, Files(storage))

    async def hints(stop: asyncio.Event) -> None:
        await gateway.live.follow(await process.bus(), process.connected(), stop)

    async def remove_unclaimed(stop: asyncio.Event) -> None:
        await sweep(storage, timedelta(hours=settings.unclaimed_h + 1), stop)

    async def http(stop: asyncio.Event) -> None:
        told = process.settings
        await serve(gateway.asgi, Door(told.bind, told.http_port, told.http_fd), stop)

    process.background("live", hints)
    process.background("unclaimed-files", remove_unclaimed)
    process.background("http", http)


if __name__ == "__main__":
    run("gateway", start)
