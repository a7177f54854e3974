"""Endpoints that wait on the loop thread for another machine, each by another library."""

from __future__ import annotations

import http.client
import smtplib
import socket
import urllib.request

import httpx
import psycopg2
import pymysql
import redis
import requests
import urllib3
from fastapi import APIRouter
from neverblock.model import Diagnosis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.declared import fails
from app.resources import Shared
from app.upstream import HOST

router = APIRouter(prefix="/network")


@router.get("/requests_get", **fails(Diagnosis.BLOCKING_IO))
async def requests_get(shared: Shared) -> str:
    """Ask by requests."""
    return requests.get(shared.upstream.url).text  # blocks: requests_get


@router.get("/requests_session", **fails(Diagnosis.BLOCKING_IO))
async def requests_session(shared: Shared) -> str:
    """Ask by a session of requests, which is no better."""
    with requests.Session() as session:
        return session.get(shared.upstream.url).text  # blocks: requests_session


@router.get("/urllib_urlopen", **fails(Diagnosis.BLOCKING_IO))
async def urllib_urlopen(shared: Shared) -> bytes:
    """Ask by the standard library."""
    with urllib.request.urlopen(shared.upstream.url) as response:  # blocks: urllib_urlopen
        return response.read()


@router.get("/urllib3_request", **fails(Diagnosis.BLOCKING_IO))
async def urllib3_request(shared: Shared) -> bytes:
    """Ask by urllib3."""
    with urllib3.PoolManager() as pool:
        return pool.request("GET", shared.upstream.url).data  # blocks: urllib3_request


@router.get("/httpx_client_per_request", **fails(Diagnosis.BLOCKING_IO))
async def httpx_client_per_request(shared: Shared) -> str:
    """Ask by httpx, by its synchronous client."""
    with httpx.Client(verify=False) as client:
        return client.get(shared.upstream.url).text  # blocks: httpx_client_per_request


@router.get("/http_client", **fails(Diagnosis.BLOCKING_IO))
async def http_client(shared: Shared) -> bytes:
    """Ask by hand: sending is quick, the answer is waited for."""
    connection = http.client.HTTPConnection(HOST, shared.upstream.http)
    connection.request("GET", "/late")
    try:
        return connection.getresponse().read()  # blocks: http_client
    finally:
        connection.close()


@router.get("/socket_recv", **fails(Diagnosis.BLOCKING_IO))
async def socket_recv(shared: Shared) -> bytes:
    """Wait for a greeting on a socket."""
    with socket.create_connection((HOST, shared.upstream.smtp)) as connection:
        return connection.recv(100)  # blocks: socket_recv


@router.get("/udp_lookup", **fails(Diagnosis.BLOCKING_IO))
async def udp_lookup(shared: Shared) -> bytes:
    """Ask a name server by hand."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        resolver.sendto(b"shop.example", (HOST, shared.upstream.udp))
        return resolver.recv(100)  # blocks: udp_lookup


@router.get("/smtp_send", **fails(Diagnosis.BLOCKING_IO))
async def smtp_send(shared: Shared) -> str:
    """Greet a slow mail server."""
    with smtplib.SMTP(HOST, shared.upstream.smtp):  # blocks: smtp_send
        return "greeted"


@router.get("/psycopg2_connect", **fails(Diagnosis.BLOCKING_IO))
async def psycopg2_connect(shared: Shared) -> str:
    """Connect to a Postgres that is too busy to answer."""
    try:
        psycopg2.connect(host=HOST, port=shared.upstream.silent)  # blocks: psycopg2_connect
    except psycopg2.OperationalError:
        return "no database"
    return "database"


@router.get("/pymysql_connect", **fails(Diagnosis.BLOCKING_IO))
async def pymysql_connect(shared: Shared) -> str:
    """Connect to a MySQL that is too busy to answer."""
    try:
        pymysql.connect(host=HOST, port=shared.upstream.silent)  # blocks: pymysql_connect
    except pymysql.OperationalError:
        return "no database"
    return "database"


@router.get("/redis_get", **fails(Diagnosis.BLOCKING_IO))
async def redis_get(shared: Shared) -> str:
    """Ask a Redis that is too busy to answer."""
    cache = redis.Redis(HOST, shared.upstream.silent, retry=Retry(NoBackoff(), 0))
    try:
        cache.get("basket")  # blocks: redis_get
    except redis.ConnectionError:
        return "no cache"
    finally:
        cache.close()
    return "cache"


@router.get("/logging_handler", **fails(Diagnosis.BLOCKING_IO))
async def logging_handler(shared: Shared) -> str:
    """Log to a handler that posts each record to a server."""
    shared.audit.warning("an order was placed")  # blocks: logging_handler
    return "logged"
