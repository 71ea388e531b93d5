-- Members of groups and roles that a connection named before anybody was known by that name: an
-- id, or a name of the connection's own, as bytes.
CREATE TABLE pending_member (
    tenant     UUID  NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    group_id   UUID  NOT NULL,
    connection UUID  NOT NULL,
    name       BYTEA NOT NULL,
    PRIMARY KEY (tenant, group_id, connection, name)
);
