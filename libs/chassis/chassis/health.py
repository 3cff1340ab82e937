"""Whether this process takes calls, told to the callers that watch it (grpc.health.v1)."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio

NAME = "grpc.health.v1.Health"
NOTICE_S = 0.3
"""Between telling callers that this process drains and taking no more calls: what was sent to it until
they turn to another replica is still served. gRPC itself refuses calls that it has not handed over yet."""


class Health:
    """One process's health: not serving, serving, then for ever not serving."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._servicer = aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def starting(self) -> None:
        """Whoever asks is told to wait."""
        await self._servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)

    async def serving(self) -> None:
        """Calls are welcome."""
        await self._servicer.set("", health_pb2.HealthCheckResponse.SERVING)

    async def drain(self) -> None:
        """Send callers elsewhere; returns when they have had the time to turn."""
        await self._servicer.enter_graceful_shutdown()
        await asyncio.sleep(NOTICE_S)
