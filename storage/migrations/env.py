"""What Alembic runs for `storage.migrate`, on the connection that it is given."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables  # noqa: F401 - declares them

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
