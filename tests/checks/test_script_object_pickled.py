"""What a script pickles of its own."""

import pytest
from hostprobe_checks.script_object_pickled import script_object_pickled

from hostprobe.check import Certainty, Severity
from tests.checks.restricted import SCRIPT, run

OWN = "class Order: pass\ndef price(): pass\n"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("import pickle\npickle.dumps(Order())", "pickle.dumps(Order())"),
        ("import pickle\npickle.dump(Order, f)", "pickle.dump(Order)"),
        ("import pickle\npickle.dumps(obj=price)", "pickle.dumps(price)"),
        ("import pickle\npickle.dumps({'a': [1, Order()]})", "pickle.dumps(Order())"),
        ("import pickle\norder = Order()\npickle.dumps(order)", "pickle.dumps(Order())"),
        ("import cPickle\ncPickle.dumps(Order())", "cPickle.dumps(Order())"),
        ("import shelve\ns = shelve.open('/x')\ns['a'] = Order()", "shelve.open()[...] = Order()"),
        ("from joblib import dump\ndump(Order(), '/x')", "joblib.dump(Order())"),
        ("from multiprocessing import Pool\nPool().map(price, x)", "Pool().map(price)"),
    ],
)
def test_it_fires_for_what_the_script_defines(body, what):
    (finding,) = run(script_object_pickled, OWN + body)
    assert what in finding.title
    assert finding.severity is Severity.medium
    assert finding.certainty is Certainty.certain
    assert finding.subject == f"script:{SCRIPT}"


def test_it_fires_less_surely_for_what_a_function_does():
    (finding,) = run(script_object_pickled, f"{OWN}import pickle\ndef f(): pickle.dumps(price)")
    assert finding.certainty is Certainty.likely


MODULE = {"/srv/shop/orders.py": f"{OWN}import pickle\npickle.dumps(Order())"}


@pytest.mark.parametrize(
    "body",
    [
        "import pickle\npickle.dumps({'a': [1, 'x']})",
        "import pickle\npickle.dumps(price())",
        "import pickle\nfrom orders import Order\npickle.dumps(Order())",
        "import pickle\nimport datetime\npickle.dumps(datetime.datetime.now())",
        "import pickle\npickle.loads(price())",
        "import json\njson.dumps(Order())",
        "if __name__ == '__main__':\n    import pickle\n    pickle.dumps(Order())",
    ],
)
def test_it_is_silent_for_what_modules_define_and_builtin_types(body):
    assert run(script_object_pickled, OWN + body) == []


def test_it_is_silent_for_classes_of_modules_of_the_application():
    from tests.model.sharing.host import findings

    text = "WSGIPythonPath /srv/shop"
    assert findings(script_object_pickled, text, {"shop": "import orders"}, MODULE) == []
