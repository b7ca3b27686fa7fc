"""Which bindings of Python extensions differ in httpd from the standalone interpreter, and why."""
