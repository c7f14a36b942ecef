"""Alembic's entry: runs on the connection that `schema.migrate` has opened, or writes down what it would run."""

from alembic import context

from app.storage.sql.tables import metadata

given = context.config.attributes
if context.is_offline_mode():
    context.configure(dialect_name=given["dialect"], target_metadata=metadata, literal_binds=True)
else:
    context.configure(connection=given["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
