"""Databases, pipes and programs."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from starlette.concurrency import run_in_threadpool

from office.case import bad, good
from office.settings import settings

router = APIRouter(prefix="/storage")

ORDERS = 800
PAGES = ["/bin/sh", "-c", "sleep 0.12; echo 3 pages"]


class Base(DeclarativeBase):
    """The tables of the shop."""


class Customer(Base):
    """Somebody who ordered."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list[Order]] = relationship()


class Order(Base):
    """What somebody ordered."""

    __tablename__ = "shop_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    items: Mapped[list[Item]] = relationship()


class Item(Base):
    """A line of an order."""

    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"), index=True)


def engine():
    """Give the engine of the shop's database."""
    if "made" not in _engine:
        _engine["made"] = create_engine(f"sqlite:///{settings.shop}")
    return _engine["made"]


_engine: dict = {}


def fill() -> None:
    """Make the shop's tables, and fill them."""
    _engine.clear()
    Base.metadata.create_all(engine())
    with Session(engine()) as session:
        orders = [Order(items=[Item(), Item(), Item()]) for _ in range(ORDERS)]
        session.add(Customer(id=1, orders=orders))
        session.commit()


def item_numbers() -> list[int]:
    """Give everything that a customer ordered."""
    with Session(engine()) as session:
        customer = session.get(Customer, 1)
        return [item.id for order in customer.orders for item in order.items]  # blocks: lazy_load


@router.get("/lazy_load", openapi_extra=bad("blocking-cpu"))
async def lazy_load() -> list[int]:
    """Load relationships by touching them, one query for each."""
    return item_numbers()


@router.get("/lazy_load_in_def", openapi_extra=good("gil-contention", "lazy_load"))
def lazy_load_in_def() -> list[int]:
    """Load them in a thread."""
    return item_numbers()


def write_audit(what: str) -> bool:
    """Write a row, or give up after 150 ms where another has the database locked."""
    with closing(sqlite3.connect(settings.audit, timeout=0.15, isolation_level=None)) as database:
        try:
            database.execute("insert into audit values (?)", (what,))  # blocks: locked_database
        except sqlite3.OperationalError:
            return False
        return True


@router.get("/locked_database", openapi_extra=bad("blocking-io"))
async def locked_database() -> dict:
    """Wait on the loop for another's lock."""
    return {"written": write_audit("login")}


@router.get("/locked_database_threaded", openapi_extra=good("concurrent", "locked_database"))
async def locked_database_threaded() -> dict:
    """Wait in a thread for another's lock."""
    return {"written": await run_in_threadpool(write_audit, "login")}


def scan() -> int:
    """Read what the scanner has to say, from its named pipe."""
    return len(Path(settings.scanner).read_bytes())  # blocks: named_pipe


@router.get("/named_pipe", openapi_extra=bad("blocking-io"))
async def named_pipe() -> dict:
    """Read a file that is none."""
    return {"bytes": scan()}


@router.get("/named_pipe_in_def", openapi_extra=good("concurrent", "named_pipe"))
def named_pipe_in_def() -> dict:
    """Read it in a thread."""
    return {"bytes": scan()}


@router.get("/convert", openapi_extra=bad("blocking-io"))
async def convert() -> dict:
    """Wait for a program."""
    printed = subprocess.check_output(PAGES, text=True)  # blocks: convert
    return {"printed": printed}


@router.get("/convert_async", openapi_extra=good("concurrent", "convert"))
async def convert_async() -> dict:
    """Await a program."""
    process = await asyncio.create_subprocess_exec(*PAGES, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return {"printed": printed.decode()}
