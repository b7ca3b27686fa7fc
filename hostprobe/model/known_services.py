"""Python modules that connect out, by what they connect to."""

DATABASE, MAIL, NETWORK = "a database", "a mail server", "the network"
LDAP, MEMCACHED, REDIS = "an LDAP server", "memcached", "Redis"

MODULES: dict[str, str] = {
    "MySQLdb": DATABASE,
    "aiomysql": DATABASE,
    "aiopg": DATABASE,
    "asyncpg": DATABASE,
    "cx_Oracle": DATABASE,
    "motor": DATABASE,
    "mysql.connector": DATABASE,
    "oracledb": DATABASE,
    "psycopg": DATABASE,
    "psycopg2": DATABASE,
    "pymongo": DATABASE,
    "pymssql": DATABASE,
    "pymysql": DATABASE,
    "pyodbc": DATABASE,
    "aiosmtplib": MAIL,
    "flask_mail": MAIL,
    "smtplib": MAIL,
    "ldap": LDAP,
    "ldap3": LDAP,
    "bmemcached": MEMCACHED,
    "memcache": MEMCACHED,
    "pylibmc": MEMCACHED,
    "pymemcache": MEMCACHED,
    "aioredis": REDIS,
    "redis": REDIS,
    "aiohttp": NETWORK,
    "boto3": NETWORK,
    "elasticsearch": NETWORK,
    "ftplib": NETWORK,
    "grpc": NETWORK,
    "http.client": NETWORK,
    "httpx": NETWORK,
    "imaplib": NETWORK,
    "kombu": NETWORK,
    "paramiko": NETWORK,
    "pika": NETWORK,
    "requests": NETWORK,
    "suds": NETWORK,
    "urllib.request": NETWORK,
    "urllib3": NETWORK,
    "xmlrpc.client": NETWORK,
    "zeep": NETWORK,
}
"""Module, or package with all that is in it -> what it connects to."""

DJANGO_ENGINES = {
    "mysql": DATABASE,
    "oracle": DATABASE,
    "postgis": DATABASE,
    "postgresql": DATABASE,
    "postgresql_psycopg2": DATABASE,
}
"""Last part of ENGINE in DATABASES; sqlite3 connects to nothing."""

SOCKET_HOSTS = {"mysql": ("", "localhost"), "postgresql": ("",), "postgis": ("",)}
"""Engine -> values of HOST with which the client takes the Unix socket."""

BOOLEANS: dict[str, tuple[str, ...]] = {
    DATABASE: ("httpd_can_network_connect_db",),
    MAIL: ("httpd_can_sendmail",),
    LDAP: ("httpd_can_network_connect_ldap", "httpd_can_connect_ldap"),
    MEMCACHED: ("httpd_can_network_connect_memcache", "httpd_can_network_memcache"),
    REDIS: ("httpd_can_network_redis",),
    NETWORK: (),
}
"""What they need -> booleans of refpolicy and of Fedora that allow just it."""


def service_of(module: str) -> str | None:
    """What a module connects to; None for any other."""
    parts = module.split(".")
    names = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((MODULES[name] for name in names if name in MODULES), None)
