"""What httpd makes of its configuration: start, evaluation, plan of dlopens."""
