"""Django's ASGI application, in one file."""

import asyncio
import time

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="tests")  # noqa: S106


async def free(_):
    """Keep the loop free."""
    await asyncio.sleep(0.05)
    return HttpResponse("free")


async def blocks(_):
    """Hold the loop."""
    time.sleep(0.05)  # mark: blocks
    return HttpResponse("blocks")


urlpatterns = [path("free", free), path("blocks", blocks)]
app = get_asgi_application()
