"""Audit records of the kernel, wherever they were written: auditd, syslog, dmesg."""
