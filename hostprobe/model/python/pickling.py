"""Objects of a WSGI script that are pickled: by reference to a module that nobody can import.

mod_wsgi loads a script under a name that it makes of its path, `_mod_wsgi_` and a hash
(wsgi_module_name in mod_wsgi.c); pickle writes that name for every function and class.
"""

from collections.abc import Iterable, Iterator

from hostprobe.facts.acts import Acts, Call, Entries, Items, Named, Value
from hostprobe.model.python.deeds import Deed, deed
from hostprobe.model.python.doing import Doing
from hostprobe.model.python.own_module import Reached

PICKLING = frozenset(
    {
        "cPickle.dump",
        "cPickle.dumps",
        "joblib.dump",
        "multiprocessing.Queue().put",
        "pickle.Pickler().dump",
        "pickle.dump",
        "pickle.dumps",
    }
)
POOL = "multiprocessing.Pool()."
"""Its methods pickle the function and its arguments."""

SHELVE = "shelve.open()"


def pickles(doing: Doing) -> Iterator[Deed]:
    """What of its own the script hands to a pickler."""
    if doing.module.reached is not Reached.SCRIPT:
        return
    acts = doing.acts
    for call in acts.calls:
        if call.name in PICKLING or call.name.startswith((POOL, f"{SHELVE}.")):
            for name in own_objects(acts, arguments(call)):
                yield deed(doing, f"{call.name}({name})", call.place)
    for store in acts.stores:
        if store.name == SHELVE:
            for name in own_objects(acts, (store.value,)):
                yield deed(doing, f"{SHELVE}[...] = {name}", store.place)


def arguments(call: Call) -> Iterator[Value]:
    """Positional and by name."""
    yield from call.args
    yield from (value for _, value in call.keywords)


def own_objects(acts: Acts, values: Iterable[Value]) -> Iterator[str]:
    """Functions, classes, and instances of classes of the file, also inside of containers."""
    kinds = {one.name: one.is_class for one in acts.defined}
    for value in values:
        if isinstance(value, Named) and value.is_own:
            name = value.name.removesuffix("()")
            if name in kinds and (kinds[name] or name == value.name):
                yield value.name
        elif isinstance(value, Items):
            yield from own_objects(acts, value.items)
        elif isinstance(value, Entries):
            yield from own_objects(acts, (each for pair in value.entries for each in pair))
