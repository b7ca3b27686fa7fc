"""Who runs what, where: schemas/topology.schema.json, and as text."""

from collections.abc import Iterator
from typing import Any

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Problem, Where
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import (
    Application,
    Extension,
    Instance,
    ProcessGroup,
    PythonEnvironment,
)
from hostprobe.model.running.processes import Running, RunningProcess, started
from hostprobe.report.lines import Line, plain, styled


def instance_data(instance: Instance) -> dict[str, Any]:
    """One instance; Python environments once, applications refer to them by number."""
    configuration = instance.configuration
    environments = distinct_environments(instance)
    numbers = {id(environment): number for number, environment in enumerate(environments)}
    return {
        "name": instance.name,
        "httpd": httpd_data(instance),
        "configuration": {
            "files": list(configuration.files),
            "loads": [
                {"path": load.path, "symbol": load.symbol, "where": where_data(load.where)}
                for load in configuration.loads
            ],
            "problems": [problem_data(problem) for problem in configuration.problems],
        },
        "mod_wsgi": instance.mod_wsgi,
        "libpython": instance.libpython,
        "process_groups": [group_data(group) for group in instance.process_groups],
        "applications": [application_data(each, numbers) for each in instance.applications],
        "scripts": [script_data(each, numbers) for each in instance.scripts],
        "environments": [environment_data(n, each) for n, each in enumerate(environments)],
        "running": running_data(instance.running),
        "late_opens": [open_data(each) for each in instance.late_opens],
        "problems": [problem_data(problem) for problem in instance.problems],
    }


def running_data(running: Running | None) -> dict[str, Any] | None:
    """Its processes, the parent first."""
    if running is None:
        return None
    return {
        "since": started(running.parent),
        "problems": list(
            dict.fromkeys(filter(None, (one.facts.unread for one in running.processes)))
        ),
        "processes": [process_data(one) for one in running.processes],
    }


def process_data(one: RunningProcess) -> dict[str, Any]:
    """One process; of its mappings only how many, and how many objects were replaced on disk."""
    return {
        "pid": one.facts.pid,
        "parent": one.facts.parent,
        "role": one.role.value,
        "group": one.group,
        "uid": one.facts.uid,
        "since": started(one.facts),
        "mapped": len(one.facts.files),
        "replaced": one.replaced,
    }


def distinct_environments(instance: Instance) -> tuple[PythonEnvironment, ...]:
    """Each environment that an application of the instance uses, once."""
    found = {
        id(application.environment): application.environment
        for application in (*instance.applications, *instance.scripts)
        if isinstance(application.environment, PythonEnvironment)
    }
    return tuple(found.values())


def httpd_data(instance: Instance) -> dict[str, Any]:
    """The binary and how it is started."""
    start, build = instance.configuration.start, instance.build
    return {
        "binary": start.binary,
        "version": None if isinstance(build, Missing) else build.version,
        "config_file": start.config_file,
        "server_root": start.server_root,
        "defines": list(start.defines),
        "origin": start.origin,
        "problem": build.reason if isinstance(build, Missing) else None,
    }


def where_data(where: Where) -> dict[str, Any]:
    """Where a directive stands."""
    return {
        "file": where.file,
        "first": where.first,
        "last": where.last,
        "via": list(where.via),
    }


def problem_data(problem: Problem) -> dict[str, Any]:
    """What could not be read."""
    return {
        "message": problem.message,
        "where": where_data(problem.where) if problem.where else None,
        "fatal": problem.fatal,
    }


def group_data(group: ProcessGroup) -> dict[str, Any]:
    """One WSGIDaemonProcess."""
    return {
        "name": group.name,
        "user": group.user,
        "group": group.group,
        "processes": group.processes,
        "threads": group.threads,
        "options": dict(group.options),
        "where": where_data(group.where),
        "server": group.server,
    }


def application_data(application: Application, numbers: dict[int, int]) -> dict[str, Any]:
    """One application; `numbers` maps the identity of an environment to its id."""
    environment = application.environment
    is_missing = isinstance(environment, Missing)
    return {
        "name": application.name,
        "script": application.script,
        "mount": application.mount,
        "server": application.server,
        "process_group": application.process_group,
        "application_group": application.application_group,
        "where": where_data(application.where),
        "environment": None if is_missing else numbers[id(environment)],
        "environment_reason": environment.reason if isinstance(environment, Missing) else None,
        "reachable": [extension_data(extension) for extension in application.reachable],
        "problems": list(application.problems),
    }


def script_data(script: Application, numbers: dict[int, int]) -> dict[str, Any]:
    """One script that serves no URL."""
    data = application_data(script, numbers)
    return {"directive": script.directive, **{key: data[key] for key in data if key != "mount"}}


def environment_data(number: int, environment: PythonEnvironment) -> dict[str, Any]:
    """One Python environment."""
    pyvenv, home_where = environment.pyvenv, environment.home_where
    return {
        "id": number,
        "version": environment.version,
        "patch": environment.patch,
        "home": environment.home,
        "home_where": where_data(home_where) if home_where else None,
        "pyvenv": pyvenv
        and {
            "home": pyvenv.home,
            "version": pyvenv.version,
            "include_system_site_packages": pyvenv.include_system_site_packages,
        },
        "prefix": environment.prefix,
        "executable": environment.executable,
        "search_path": list(environment.search_path),
        "extensions": [extension_data(extension) for extension in environment.extensions],
        "problems": list(environment.problems),
    }


def extension_data(extension: Extension) -> dict[str, Any]:
    """One compiled module."""
    return {
        "module": extension.module,
        "path": extension.path,
        "is_stdlib": extension.is_stdlib,
    }


def open_data(opening: Open) -> dict[str, Any]:
    """One dlopen."""
    return {
        "path": opening.path,
        "flags": flag_names(opening.flags),
        "by": opening.by,
        "where": opening.where,
        "guess": opening.guess,
    }


def flag_names(flags: OpenFlags) -> list[str]:
    """Names without RTLD_."""
    return [flag.name for flag in OpenFlags if flag in flags and flag.name]


def render_topology(instances: tuple[Instance, ...], *, verbose: bool) -> Iterator[Line]:
    """Instances, process groups and applications as an indented outline."""
    for instance in instances:
        yield from render_instance(instance, verbose=verbose)


def render_instance(instance: Instance, *, verbose: bool) -> Iterator[Line]:
    """One httpd."""
    httpd = httpd_data(instance)
    version = f" {httpd['version']}" if httpd["version"] else ""
    yield styled(f"httpd{version} {httpd['binary']}, {instance.name}", "heading")
    if httpd["problem"]:
        yield plain(f"  {httpd['problem']}")
    if instance.running:
        yield from render_running(instance.running)
    yield plain(f"  modules: {len(instance.configuration.loads)}")
    yield plain(f"  mod_wsgi: {instance.mod_wsgi or 'not loaded'}")
    if instance.mod_wsgi:
        yield plain(f"  libpython: {instance.libpython or 'none: static, or not established'}")
    for group in instance.process_groups:
        yield from render_group(instance, group)
    for name in other_groups(instance):
        titles = {"": "embedded mode", None: "process group decided at run time"}
        title = titles.get(name) or f"process group {name}, which no WSGIDaemonProcess defines"
        yield from render_applications(instance, name, f"  {title}")
    for environment in distinct_environments(instance):
        yield from render_environment(environment, verbose=verbose)
    for problem in (*instance.configuration.problems, *instance.problems):
        place = f"{problem.where}: " if problem.where else ""
        yield styled(f"  problem: {place}{problem.message}", "warning")


def render_running(running: Running) -> Iterator[Line]:
    """Since when, and the processes by what they do."""
    yield plain(f"  running since {started(running.parent)}")
    titles: dict[str, list[RunningProcess]] = {}
    for one in running.processes:
        titles.setdefault(f"{one.role} {one.group}" if one.group else one.role, []).append(one)
    for title, members in titles.items():
        pids = ", ".join(str(one.facts.pid) for one in members)
        yield plain(f"    {title}: {pids} (uid {members[0].facts.uid})")
    replaced = max(one.replaced for one in running.processes)
    if replaced:
        yield styled(f"    mapped libraries that were replaced on disk: {replaced}", "warning")
    for reason in dict.fromkeys(filter(None, (one.facts.unread for one in running.processes))):
        yield styled(f"    {reason}", "warning")


def other_groups(instance: Instance) -> list[str | None]:
    """Process groups of applications that no WSGIDaemonProcess defines, in order of their use."""
    defined = {group.name for group in instance.process_groups}
    used = dict.fromkeys(one.process_group for one in (*instance.applications, *instance.scripts))
    return [name for name in used if name not in defined]


def render_group(instance: Instance, group: ProcessGroup) -> Iterator[Line]:
    """One daemon process group with its applications."""
    who = ":".join(name for name in (group.user, group.group) if name) or "httpd's user"
    title = (
        f"  process group {group.name} ({group.processes} processes of {group.threads} threads, "
        f"{who}; {group.where})"
    )
    yield plain(title)
    yield from render_applications(instance, group.name, "")


def render_applications(instance: Instance, group: str | None, title: str) -> Iterator[Line]:
    """The applications of one process group."""
    programs = (*instance.applications, *instance.scripts)
    found = [each for each in programs if each.process_group == group]
    if found and title:
        yield plain(title)
    for application in found:
        names = {"": "main interpreter", None: "interpreter decided at run time"}
        interpreter = names.get(application.application_group) or (
            f"interpreter {application.application_group}"
        )
        yield plain(f"    {application.name} in {interpreter} ({application.where})")
        if isinstance(application.environment, Missing):
            yield styled(f"      Python: {application.environment.reason}", "warning")
        else:
            reached = len(application.reachable)
            yield plain(f"      imports reach {reached} compiled modules")
        for problem in application.problems:
            yield styled(f"      {problem}", "warning")


def render_environment(environment: PythonEnvironment, *, verbose: bool) -> Iterator[Line]:
    """One Python environment."""
    home = environment.home or environment.prefix
    version = environment.patch or environment.version or "of unknown version"
    count = len(environment.extensions)
    yield plain(f"  Python {version}, {home}: {count} compiled modules")
    if verbose:
        for path in environment.search_path:
            yield plain(f"    {path}")
        for extension in environment.extensions:
            yield plain(f"    {extension.module}: {extension.path}")
    for problem in environment.problems:
        yield styled(f"    {problem}", "warning")
