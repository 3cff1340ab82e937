"""Sign-in for people and programs.

The refresh token lives in an HttpOnly cookie that scripts cannot read and other sites cannot send; the
access token is in the reply and belongs in memory. Programs of departments use OAuth 2.0 client
credentials. All of it is identity's; here it becomes HTTP.
"""

import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import grpc
import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis import refusals
from chassis.context import Context, bind
from chassis.errors import Forbidden, Invalid, Unauthenticated
from gateway.bodies import documented, read_model
from gateway.guessing import Guessing
from gateway.http import VISIT, UnsupportedMedia, Visit, read_body
from gateway.transcoding.calls import Refused
from louyu.identity.v1 import clients_pb2, sessions_pb2
from louyu.identity.v1.clients_pb2_grpc import ClientsServiceStub
from louyu.identity.v1.sessions_pb2_grpc import SessionsServiceStub

COOKIE = "louyu_refresh"
DEVICE_COOKIE = "louyu_device"
COOKIE_PATH = "/v1"
_DEVICE_S = 180 * 86400
_FORM = "application/x-www-form-urlencoded"
_FORM_LIMIT = 8192
_KEYS_S = 5.0
_CALL_S = 5.0


class SignIn(BaseModel):
    """Login, password and, where one is set up, the second factor."""

    model_config = ConfigDict(extra="forbid", strict=True)
    login: Annotated[str, Field(min_length=1, max_length=100, description="Name to sign in with.")]
    password: Annotated[str, Field(min_length=1, max_length=200, description="The password.")]
    totp: Annotated[
        str,
        Field(pattern="^([0-9]{6})?$", description="Code of the second factor; asked for by TOTP_REQUIRED."),
    ] = ""


class AccessToken(BaseModel):
    """An access token; the refresh token is in the cookie."""

    access_token: Annotated[str, Field(description="To be sent as Authorization: Bearer …")]
    token_type: str = "Bearer"
    expires_in: Annotated[int, Field(description="Seconds until it expires.")]
    account_id: str
    session_id: str


class ClientAccessToken(BaseModel):
    """An access token of a program (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int


class Sessions:
    """The routes, over identity's gRPC."""

    def __init__(self, channel: Callable[[], grpc.aio.Channel], guessing: Guessing) -> None:
        self._channel = channel
        self._guessing = guessing
        self._keys: tuple[float, bytes] = (float("-inf"), b"")

    @cached_property
    def _sessions(self) -> SessionsServiceStub:
        return SessionsServiceStub(self._channel())

    @cached_property
    def _clients(self) -> ClientsServiceStub:
        return ClientsServiceStub(self._channel())

    async def sign_in(self, request: Request) -> Response:
        """Signs in. Failed attempts are counted per login and address, so guessing is slowed where it
        happens and the person can still sign in from elsewhere."""
        visit: Visit = request.scope[VISIT]
        _same_origin(request, visit)
        body = await read_model(request, SignIn)
        device = request.cookies.get(DEVICE_COOKIE, "")
        with self._guessing.attempt(body.login, visit.address, device) as attempt:
            try:
                pair = await self._call(
                    visit,
                    self._sessions.SignIn,
                    sessions_pb2.SignInRequest(
                        login=body.login,
                        password=body.password,
                        totp_code=body.totp,
                        remote_address=visit.address[:64],
                        user_agent=_printable(visit.text(b"user-agent"))[:400],
                    ),
                )
            except Refused as refused:
                if refused.refusal.http_status == 401 and refused.refusal.reason != "TOTP_REQUIRED":
                    attempt.failed()
                raise
            attempt.succeeded()
        response = _token_reply(pair, visit)
        remembered = self._guessing.device(body.login)
        _set_cookie(response, visit, DEVICE_COOKIE, remembered, _DEVICE_S)
        return response

    async def refresh(self, request: Request) -> Response:
        """Exchanges the refresh cookie for a new access token and a new cookie."""
        visit: Visit = request.scope[VISIT]
        _same_origin(request, visit)
        await read_body(visit, request.receive, _FORM_LIMIT)
        token = _refresh_token(request)
        pair = await self._call(
            visit,
            self._sessions.RefreshSession,
            sessions_pb2.RefreshSessionRequest(refresh_token=token, remote_address=visit.address[:64]),
        )
        return _token_reply(pair, visit)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session and clears the cookie. Signing out twice is no error."""
        visit: Visit = request.scope[VISIT]
        _same_origin(request, visit)
        await read_body(visit, request.receive, _FORM_LIMIT)
        token = request.cookies.get(COOKIE, "")
        if 16 <= len(token) <= 200:
            try:
                await self._call(
                    visit, self._sessions.SignOut, sessions_pb2.SignOutRequest(refresh_token=token)
                )
            except Refused as refused:
                if refused.refusal.http_status != 401:
                    raise
        response = Response(status_code=204)
        _set_cookie(response, visit, COOKIE, "", 0)
        return response

    async def client_token(self, request: Request) -> Response:
        """Issues an access token to a department's program (OAuth 2.0 client credentials)."""
        visit: Visit = request.scope[VISIT]
        if not visit.text(b"content-type").lower().startswith(_FORM):
            raise UnsupportedMedia("MEDIA_TYPE_NOT_FORM", params={"expected": _FORM})
        form = _form(await read_body(visit, request.receive, _FORM_LIMIT))
        if form.get("grant_type") != "client_credentials":
            raise Invalid("GRANT_TYPE_UNSUPPORTED")
        client_id, secret = _client_credentials(visit, form)
        with self._guessing.attempt(f"client:{client_id}", visit.address, "") as attempt:
            try:
                token = await self._call(
                    visit,
                    self._clients.IssueClientToken,
                    clients_pb2.IssueClientTokenRequest(
                        client_id=client_id, client_secret=secret, remote_address=visit.address[:64]
                    ),
                )
            except Refused as refused:
                if refused.refusal.http_status == 401:
                    attempt.failed()
                raise
            attempt.succeeded()
        reply = ClientAccessToken(access_token=token.access_token, expires_in=token.expires_in)
        return _json(reply.model_dump())

    async def keys(self, request: Request) -> Response:
        """The public keys that verify access tokens (RFC 7517)."""
        at, known = self._keys
        if time.monotonic() - at > _KEYS_S:
            listed = await self._call(
                request.scope[VISIT], self._sessions.ListKeys, sessions_pb2.ListKeysRequest()
            )
            keys = [
                {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": key.x}
                for key in listed.keys
            ]
            known = orjson.dumps({"keys": keys})
            self._keys = time.monotonic(), known
        headers = {"cache-control": "public, max-age=60"}
        return Response(known, media_type="application/jwk-set+json", headers=headers)

    async def _call(self, visit: Visit, method: Any, request: Any) -> Any:
        with bind(Context(request_id=visit.request_id, locale=visit.locale)):
            try:
                return await method(request, timeout=_CALL_S)
            except grpc.aio.AioRpcError as error:
                raise Refused(refusals.decode(error)) from None


def router(sessions: Sessions) -> APIRouter:
    """The routes of sign-in."""
    routes = APIRouter(tags=["sessions"])
    add = routes.add_api_route
    signed_in: dict[int | str, dict[str, Any]] = {200: {"model": AccessToken}}
    add(
        "/v1/session:sign-in",
        sessions.sign_in,
        methods=["POST"],
        responses=signed_in,
        openapi_extra=documented(SignIn),
    )
    add("/v1/session:refresh", sessions.refresh, methods=["POST"], responses=signed_in)
    add("/v1/session:sign-out", sessions.sign_out, methods=["POST"], status_code=204)
    add(
        "/v1/oauth/token",
        sessions.client_token,
        methods=["POST"],
        responses={200: {"model": ClientAccessToken}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    _FORM: {
                        "schema": {
                            "type": "object",
                            "required": ["grant_type"],
                            "properties": {
                                "grant_type": {"const": "client_credentials"},
                                "client_id": {"type": "string"},
                                "client_secret": {"type": "string"},
                            },
                        }
                    }
                },
            }
        },
    )
    add("/.well-known/jwks.json", sessions.keys, methods=["GET"])
    return routes


def _same_origin(request: Request, visit: Visit) -> None:
    """Refuses what another site made a browser send. SameSite=Strict already keeps the cookie from it;
    this is the second lock. A program that sends neither header says X-Louyu-Client."""
    site = visit.text(b"sec-fetch-site")
    origin = visit.text(b"origin")
    if site:
        good = site == "same-origin"
    elif origin:
        good = urlsplit(origin).netloc == visit.text(b"host")
    else:
        good = bool(visit.text(b"x-louyu-client"))
    if not good:
        raise Forbidden("NOT_SAME_ORIGIN")


def _refresh_token(request: Request) -> str:
    token = request.cookies.get(COOKIE, "")
    if not 16 <= len(token) <= 200 or not token.isprintable():
        raise Unauthenticated("NO_SESSION")
    return token


def _token_reply(pair: sessions_pb2.TokenPair, visit: Visit) -> Response:
    reply = AccessToken(
        access_token=pair.access_token,
        expires_in=pair.expires_in,
        account_id=pair.account_id,
        session_id=pair.session_id,
    )
    response = _json(reply.model_dump())
    _set_cookie(response, visit, COOKIE, pair.refresh_token, pair.refresh_expires_in)
    return response


def _json(content: object) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


def _set_cookie(response: Response, visit: Visit, name: str, value: str, max_age: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path=COOKIE_PATH, secure=visit.https, httponly=True, samesite="strict"
    )


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Invalid("MALFORMED_REQUEST") from None
    return dict(pairs)


def _client_credentials(visit: Visit, form: dict[str, str]) -> tuple[str, str]:
    """From HTTP Basic (percent-encoded inside, RFC 6749 section 2.3.1) or from the form."""
    scheme, _, encoded = visit.text(b"authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
        except (NotBase64, ValueError):
            raise Unauthenticated("CLIENT_CREDENTIALS_REQUIRED") from None
        client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not client_id or not secret or len(client_id) > 100 or len(secret) > 200:
        raise Unauthenticated("CLIENT_CREDENTIALS_REQUIRED")
    return client_id, secret
