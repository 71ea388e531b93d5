-- The tables of the store. The same numbers, names and columns as in ../sqlite.
--
-- Times are BIGINT microseconds since 1970-01-01T00:00:00Z. JSON is TEXT, not jsonb, which cannot
-- hold U+0000. Keys and whatever clients chose is kept as BYTEA, our own words as TEXT in the "C"
-- collation: bytes are compared.
-- Records and what relates them know the tenant only, not each other: a change set is complete and
-- says itself what goes with a record, so each table can be written on its own.

-- What belongs to no tenant: check values of the keys. The first that is written stays.
CREATE TABLE kept (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA            NOT NULL
);

-- A tenant: its revision, the number that its next record gets, and the end of its audit log.
CREATE TABLE tenant (
    id             UUID             NOT NULL PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL UNIQUE,
    revision       BIGINT           NOT NULL CHECK (revision >= 0),
    next_number    BIGINT           NOT NULL CHECK (next_number > 0),
    audit_sequence BIGINT           NOT NULL CHECK (audit_sequence >= 0),
    audit_mac      BYTEA            NOT NULL CHECK (octet_length(audit_mac) = 32),
    created        BIGINT           NOT NULL
);

-- Users, groups, roles and the other kinds. A deleted record keeps its row, without its body: its
-- number is never used again, and history can still say its name.
CREATE TABLE record (
    tenant     UUID             NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id         UUID             NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    number     BIGINT           NOT NULL,
    unique_key BYTEA,                     -- computed by the program; NULL where nothing must be unique
    name       BYTEA            NOT NULL, -- what people call it, for history only
    body       TEXT             NOT NULL, -- its attributes
    created    BIGINT           NOT NULL,
    modified   BIGINT           NOT NULL,
    version    BIGINT           NOT NULL, -- the revision of its last change
    deleted    BIGINT,                    -- when, if it is
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number),
    UNIQUE (tenant, kind, unique_key)
);

-- Members of groups, holders of extensions, users of desks.
CREATE TABLE edge (
    tenant     UUID             NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    kind       TEXT COLLATE "C" NOT NULL,
    from_id    UUID             NOT NULL,
    to_id      UUID             NOT NULL,
    is_primary BOOLEAN          NOT NULL,
    PRIMARY KEY (tenant, kind, from_id, to_id)
);

-- An extension has one holder at most.
CREATE UNIQUE INDEX edge_extension_holder ON edge (tenant, from_id) WHERE kind = 'extension';

-- Roles given to users, each with who gave it: a person, a connection, a mapping rule, the
-- tenant's file or the operator. source_id is an id, a rule's name or empty.
CREATE TABLE role_grant (
    tenant      UUID             NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    user_id     UUID             NOT NULL,
    role_id     UUID             NOT NULL,
    source_kind TEXT COLLATE "C" NOT NULL,
    source_id   BYTEA            NOT NULL,
    PRIMARY KEY (tenant, user_id, role_id, source_kind, source_id)
);

-- What connections know records by, and which of them owns a record: one at most.
CREATE TABLE link (
    tenant      UUID    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    record      UUID    NOT NULL,
    connection  UUID    NOT NULL,
    external_id BYTEA,
    is_owner    BOOLEAN NOT NULL,
    PRIMARY KEY (tenant, record, connection)
);

CREATE UNIQUE INDEX link_owner ON link (tenant, record) WHERE is_owner;

-- What principals prove themselves with; verifiers, scopes and the rest are in the body.
CREATE TABLE credential (
    tenant    UUID             NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id        UUID             NOT NULL,
    principal UUID             NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    body      TEXT             NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- The tenant's settings and its catalogue.
CREATE TABLE document (
    tenant UUID             NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name   TEXT COLLATE "C" NOT NULL,
    body   TEXT             NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- The newest change sets, for nodes that follow. Older ones are dropped now and then.
CREATE TABLE change_set (
    tenant   UUID   NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    id       UUID   NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (tenant, revision),
    UNIQUE (tenant, id)
);

-- What was done and what was refused: numbered without gaps, each entry chained to the one before
-- by a keyed hash. Refusals belong to no revision.
CREATE TABLE audit (
    tenant   UUID   NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    revision BIGINT,
    at       BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    mac      BYTEA  NOT NULL CHECK (octet_length(mac) = 32),
    PRIMARY KEY (tenant, sequence)
);

-- What is not worth a revision: when a record or credential was last used.
CREATE TABLE activity (
    tenant    UUID   NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    subject   UUID   NOT NULL,
    last_used BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject)
);
