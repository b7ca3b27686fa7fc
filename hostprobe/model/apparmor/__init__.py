"""AppArmor: whether it confines httpd, and what its profile lets through."""
