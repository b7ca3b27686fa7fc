"""Two real Django projects, as `startproject` makes them, each mounted by its own wsgi.py."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.real.build import PYTHON, cached, public
from tests.real.httpd import Httpd
from tests.wheels import wheels_venv

DJANGO = ("Django==5.2.19", "asgiref==3.13.0", "sqlparse==0.6.1")
ZONES = {"shop": "Asia/Tokyo", "blog": "Europe/Lisbon"}
VIEW = """
import time
from django.http import HttpResponse
from django.urls import path
from django.conf import settings

def answer(request):
    hour = time.strftime("%H", time.localtime(86400 * 20000))
    return HttpResponse(f"{settings.ROOT_URLCONF} {hour}")

urlpatterns = [path("", answer)]
"""
SHOP, BLOG = (200, "shop.urls 09"), (200, "blog.urls 01")


def django() -> Path:
    """Packages for python-path."""

    def make(directory: Path) -> None:
        pip = (wheels_venv() / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        how = ("install", "--no-deps", "--only-binary", ":all:", "--target", directory)
        subprocess.run([*pip, *how, *DJANGO], check=True, timeout=600)

    return public(cached("django", " ".join(DJANGO), make))


def projects(directory: Path, packages: Path) -> None:
    """`django-admin startproject` for each; only the zone and the view are changed."""
    environment = os.environ | {"PYTHONPATH": str(packages)}
    for name, zone in ZONES.items():
        (directory / name).mkdir()
        command = [PYTHON, "-m", "django", "startproject", name, directory / name]
        subprocess.run(command, env=environment, check=True, timeout=120)
        settings = directory / name / name / "settings.py"
        text = settings.read_text().replace("TIME_ZONE = 'UTC'", f"TIME_ZONE = {zone!r}")
        settings.write_text(text)
        (directory / name / name / "urls.py").write_text(VIEW)


def host() -> Httpd:
    """Both in embedded mode, as the configuration in Django's documentation has it."""
    packages = django()
    httpd = Httpd(["wsgi"], ["WSGISocketPrefix run/wsgi"], single=False)
    made = cached("django-sites", f"{DJANGO} {ZONES} {VIEW}", lambda at: projects(at, packages))
    sites = httpd.root / "sites"
    shutil.copytree(made, sites)
    path = ":".join(str(each) for each in (packages, *(sites / name for name in ZONES)))
    lines = [f"WSGIPythonPath {path}"]
    lines += [f"WSGIScriptAlias /{name} {sites}/{name}/{name}/wsgi.py" for name in ZONES]
    lines += [f"<Directory {sites}>", "Require all granted", "</Directory>"]
    one_child = ["StartServers 1", "MinSpareServers 1", "MaxSpareServers 1", "ServerLimit 1"]
    text = httpd.config.read_text() + "\n".join([*one_child, "MaxRequestWorkers 1", *lines]) + "\n"
    httpd.config.write_text(text)
    return httpd
