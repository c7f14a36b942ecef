-- Run once, by the superuser: the service's role owns the service's database and nothing else.
\set password `cat /var/lib/postgresql/auth-password`
CREATE ROLE auth LOGIN PASSWORD :'password';
CREATE DATABASE auth OWNER auth;
