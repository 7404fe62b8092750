-- Alerts of our own, and what one of them is decided by.

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    rule text NOT NULL,
    kind text NOT NULL,
    about bytea NOT NULL,
    subject text NOT NULL,
    window_start timestamptz NOT NULL,
    window_end timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    value double precision NOT NULL,
    threshold double precision NOT NULL,
    summary text NOT NULL,
    delivery text NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    delivered_at timestamptz,
    -- Whoever inserts first raises it, on whichever replica.
    UNIQUE (rule, window_start, window_end, about)
);
COMMENT ON TABLE alerts IS 'Alerts that rules of the policy raised: one for each rule, window and subject.';
COMMENT ON COLUMN alerts.about IS 'What tells subjects apart: a user''s key (a random one where they were erased), the bytes of an address, or nothing.';
COMMENT ON COLUMN alerts.subject IS 'The user or address that it is about; empty where it is about none, or the user was erased.';
COMMENT ON COLUMN alerts.summary IS 'What happened, in a sentence. Names nobody.';
COMMENT ON COLUMN alerts.delivery IS 'none: there was no webhook when it was raised; pending; delivered; given_up: the webhook did not take it for too long.';
COMMENT ON COLUMN alerts.due_at IS 'Where pending: from then on the next attempt may be made. An attempt moves it first, so that no two replicas make one.';
-- The few that wait, in their order.
CREATE INDEX alerts_due ON alerts (due_at) WHERE delivery = 'pending';
-- Finds the alerts about whoever is erased.
CREATE INDEX alerts_by_subject ON alerts (about);

CREATE TABLE failed_authentications (
    minute timestamptz NOT NULL,
    address text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, address)
);
COMMENT ON TABLE failed_authentications IS 'Credentials that were refused, by address (IPv6 by /64) and minute. Only while a rule asks for it, and for two days.';
