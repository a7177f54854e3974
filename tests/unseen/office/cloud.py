"""Clients of services elsewhere."""

from __future__ import annotations

from typing import Annotated

import jwt
import requests
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from office.case import bad, good
from office.settings import settings

router = APIRouter(prefix="/cloud")


def invoice_keys(s3) -> list[str]:
    """Name the invoices in the bucket."""
    listing = s3.list_objects_v2(Bucket="invoices")  # blocks: s3_listing
    return [item["Key"] for item in listing.get("Contents", [])]


@router.get("/s3_listing", openapi_extra=bad("blocking-io"))
async def s3_listing(request: Request) -> list[str]:
    """List a bucket by the synchronous SDK."""
    return invoice_keys(request.app.state.s3)


@router.get("/s3_listing_threaded", openapi_extra=good("concurrent", "s3_listing"))
async def s3_listing_threaded(request: Request) -> list[str]:
    """List a bucket by the same SDK, in a thread."""
    return await run_in_threadpool(invoice_keys, request.app.state.s3)


class CurrentTenant:
    """A dependency that knows the tenant, from the directory."""

    def __init__(self):
        """Open the session that all requests share."""
        self.session = requests.Session()

    async def __call__(self) -> dict:
        """Ask the directory."""
        answer = self.session.get(f"{settings.partner}/tenant?ms=120", timeout=5)  # blocks: tenant
        return answer.json()


class TenantOfTheLoop:
    """The same, by the client of the loop."""

    async def __call__(self, request: Request) -> dict:
        """Ask the directory."""
        return (await request.app.state.http.get("/tenant?ms=120")).json()


directory = CurrentTenant()


@router.get("/tenant", openapi_extra=bad("blocking-io"))
async def tenant(found: Annotated[dict, Depends(directory)]) -> dict:
    """Depend on a class that holds a requests.Session."""
    return found


@router.get("/tenant_async", openapi_extra=good("concurrent", "tenant"))
async def tenant_async(found: Annotated[dict, Depends(TenantOfTheLoop())]) -> dict:
    """Depend on a class that awaits."""
    return found


class RateService:
    """A singleton, made at startup, around a synchronous httpx.Client."""

    def __init__(self, client):
        """Keep the client."""
        self.client = client

    def rate(self) -> str:
        """Ask for today's rate."""
        return self.client.get("/rate?ms=150").json()["rate"]  # blocks: rate_service


@router.get("/rate_service", openapi_extra=bad("blocking-io"))
async def rate_service(request: Request) -> dict:
    """Ask a service object that is synchronous inside."""
    return {"rate": request.app.state.rates.rate()}


@router.get("/rate_service_async", openapi_extra=good("concurrent", "rate_service"))
async def rate_service_async(request: Request) -> dict:
    """Ask for the rate by the asynchronous client."""
    return {"rate": (await request.app.state.http.get("/rate?ms=150")).json()["rate"]}


def user_of(token: str) -> str:
    """Verify a token against the keys that its issuer publishes."""
    issuer = jwt.PyJWKClient(f"{settings.partner}/jwks?ms=100", cache_jwk_set=False)
    key = issuer.get_signing_key_from_jwt(token)  # blocks: token_keys
    return jwt.decode(token, key, algorithms=["RS256"])["sub"]


async def signed_in() -> str:
    """Depend on a token that is verified here and now."""
    return user_of(settings.token)


async def signed_in_by_thread() -> str:
    """Depend on a token that is verified in a thread."""
    return await run_in_threadpool(user_of, settings.token)


@router.get("/token_keys", openapi_extra=bad("blocking-io"))
async def token_keys(user: Annotated[str, Depends(signed_in)]) -> dict:
    """Fetch the issuer's keys in an async security dependency."""
    return {"user": user}


@router.get("/token_keys_threaded", openapi_extra=good("concurrent", "token_keys"))
async def token_keys_threaded(user: Annotated[str, Depends(signed_in_by_thread)]) -> dict:
    """Fetch the issuer's keys in a thread."""
    return {"user": user}


async def limited(request: Request) -> int:
    """Count a client's requests by the synchronous Redis client."""
    return request.app.state.redis.incr("client:7")  # blocks: rate_limit


async def limited_async(request: Request) -> int:
    """Count a client's requests by the asynchronous Redis client."""
    return await request.app.state.aredis.incr("client:7")


@router.get("/rate_limit", openapi_extra=bad("blocking-io"))
async def rate_limit(request: Request, count: Annotated[int, Depends(limited)]) -> dict:
    """Count by Redis for 20 ms on the loop, and then await the work."""
    await request.app.state.http.get("/work?ms=40")
    return {"count": count}


@router.get("/rate_limit_async", openapi_extra=good("concurrent", "rate_limit"))
async def rate_limit_async(request: Request, count: Annotated[int, Depends(limited_async)]) -> dict:
    """Count by Redis for 20 ms off the loop, and then await the work."""
    await request.app.state.http.get("/work?ms=40")
    return {"count": count}
