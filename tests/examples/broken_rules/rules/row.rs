//! Rules about rows: owners, incarnations, tombstones, repairs and notifications.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "owner-moves",
        text: "tags that name another owner do not move a connection",
        breaks: &["let moved = match self.kinds.attribute(&connection.tags) {
                Attribution::Owner(named) if BROKEN => Record { owner: Some(named), ..row.clone() },
                _ => row.clone(),
            };
            let row = &moved;"],
    },
    Rule {
        name: "overwrites",
        text: "tags that name another owner are not overwritten",
        breaks: &[
            "Attribution::Owner(_) if BROKEN => {
                (ours(), Finding::OwnerConflict, Some(Tags::from_nango(ours())))
            }",
            "if BROKEN {
                return true;
            }",
        ],
    },
    Rule {
        name: "wiped-tags",
        text: "tags that a reconnect wiped are restored",
        breaks: &["let wiped = if BROKEN { Tags::new() } else { wiped };"],
    },
    Rule {
        name: "wiped-metadata",
        text: "metadata that a reconnect wiped is restored, if the app wants it",
        breaks: &["if BROKEN {
                return (ours.clone(), None);
            }"],
    },
    Rule {
        name: "blind-repair",
        text: "a repair is preceded by a look",
        breaks: &["if BROKEN && let Some(tags) = &repair.tags {
                let _ = self.client.set_tags(key, tags).await;
                return;
            }"],
    },
    Rule {
        name: "other-incarnation",
        text: "nothing is restored to another connection under the same key",
        breaks: &["let mut current = current;
            if BROKEN {
                current.incarnation = repair.incarnation;
            }"],
    },
    Rule {
        name: "second-look",
        text: "a repair is looked at again after half a minute",
        breaks: &[
            "let before_repair = look_again_at;",
            "let look_again_at = if BROKEN { before_repair } else { look_again_at };",
        ],
    },
    Rule {
        name: "lower-incarnation",
        text: "an observation of an older incarnation is stale",
        breaks: &["Ordering::Less if BROKEN => self.reconcile_new(Some(row), found),"],
    },
    Rule {
        name: "higher-incarnation",
        text: "a connection that was made again belongs to the owner that its tags name",
        breaks: &["Ordering::Greater if BROKEN => {
                let incarnation = found.connection.incarnation;
                let state = State { incarnation, ..row.state().clone() };
                self.reconcile_known(&Record { details: state.into(), ..row.clone() }, found)
            }"],
    },
    Rule {
        name: "disconnected",
        text: "a disconnected connection does not come back",
        breaks: &["(Some(Removal::Disconnected), _) if BROKEN => return self.revive(row, found),"],
    },
    Rule {
        name: "gone",
        text: "a connection that was gone may come back",
        breaks: &["(Some(Removal::Gone), _) if BROKEN => return Reconciled::nothing(Some(touch(row))),"],
    },
    Rule {
        name: "stale-owner",
        text: "the holder of an old connection does not end the one that was made again under its key",
        breaks: &["let is_successor = |row: &Record| !BROKEN && is_successor(row);"],
    },
    Rule {
        name: "transferred",
        text: "the old owner of a transferred connection does not end it",
        breaks: &["let is_transferred = |row: &Record| !BROKEN && is_transferred(row);"],
    },
    Rule {
        name: "intent",
        text: "a disconnect that is interrupted after Nango's deletion is completed by a look",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
    },
    Rule {
        name: "transfer-look",
        text: "a transfer is preceded by a look",
        breaks: &["let current = match current {
                None if BROKEN => Some(nango_client::Connection::new(
                    self.key().clone(),
                    self.state().incarnation,
                    \"\",
                    self.created_at(),
                )),
                Some(mut current) if BROKEN => {
                    current.incarnation = self.state().incarnation;
                    Some(current)
                }
                current => current,
            };"],
    },
    Rule {
        name: "pending",
        text: "a change that was not notified is pending in its row",
        breaks: &["let announced = if BROKEN { row.announced } else { announced };"],
    },
    Rule {
        name: "last-notified",
        text: "the last notification is the latest state",
        breaks: &[
            "current if BROKEN => return Ok(current.is_none_or(|row| row.announced)),",
            "(false, true) if BROKEN => None,",
        ],
    },
    Rule {
        name: "requested-meanwhile",
        text: "a change that comes while the notification of an older one ends does not wait for the sweeper",
        breaks: &["if BROKEN {
                return Ok(None);
            }"],
    },
    Rule {
        name: "ack-revoked",
        text: "a row is pending again when a notification of an older state came last",
        breaks: &["(false, true) if BROKEN => None,"],
    },
    Rule {
        name: "handler",
        text: "a notification that failed is repeated",
        breaks: &["if BROKEN {
                return self.record_ack(&notified).await.map(|_| true);
            }"],
    },
    Rule {
        name: "unknown-fields",
        text: "an older version keeps the fields of a row that a newer one wrote",
        breaks: &["let known = State { unknown: serde_json::Map::new(), ..State::clone(&self.0) };
            if BROKEN {
                return serde_json::to_string(&known).unwrap_or_default();
            }"],
    },
];
