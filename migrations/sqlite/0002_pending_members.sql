-- Members of groups and roles that a connection named before anybody was known by that name: an
-- id, or a name of the connection's own, as bytes.
CREATE TABLE pending_member (
    tenant     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    group_id   BLOB NOT NULL CHECK (length(group_id) = 16),
    connection BLOB NOT NULL CHECK (length(connection) = 16),
    name       BLOB NOT NULL,
    PRIMARY KEY (tenant, group_id, connection, name)
) STRICT, WITHOUT ROWID;
