-- Accounts that are locked for one network after too many wrong passwords, as the nodes tell it. The lock itself
-- is in the memory of a node; it ends there when its row is taken away here.
CREATE TABLE lockout (
    tenant  UUID   NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    account UUID   NOT NULL,
    network TEXT   NOT NULL,
    since   BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (tenant, account, network)
);
