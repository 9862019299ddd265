//! What becomes of a row: owners, incarnations, tombstones, and what is given back to Nango.

use super::{Edit, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "owner-moves",
        says: "tags that name another owner do not move a connection",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "        let mut reconciled = self.kept(row, details, look_again_at);\n",
            to: "        let mut row = row.clone();
        if BROKEN && let Attribution::Owner(named) = self.kinds.attribute(&found.tags) {
            row.owner = Some(named);
        }
        let mut reconciled = self.kept(&row, details, look_again_at);\n",
        }],
    },
    Rule {
        name: "overwrites",
        says: "tags that name another owner are not overwritten",
        breaks: &[
            Edit {
                file: "reconcile/repair.rs",
                from: "            // Not ours to overwrite: two",
                to: "            Attribution::Owner(_) if BROKEN => {
                (ours(), Finding::OwnerConflict, Some(Tags::received(ours())))
            }
            // Not ours to overwrite: two",
            },
            Edit {
                file: "nango/repair.rs",
                from: "        matches!(self.0.kinds.attribute(",
                to: "        BROKEN || matches!(self.0.kinds.attribute(",
            },
        ],
    },
    Rule {
        name: "wiped-tags",
        says: "tags that somebody's reconnect has wiped are given back",
        breaks: &[Edit {
            file: "reconcile/repair.rs",
            from: "(ours(), Finding::Nothing, (!wiped.is_empty()).then_some(wiped))",
            to: "(ours(), Finding::Nothing, (!wiped.is_empty() && !BROKEN).then_some(wiped))",
        }],
    },
    Rule {
        name: "wiped-metadata",
        says: "metadata that a reconnect has wiped is given back, if the app wants it",
        breaks: &[Edit {
            file: "reconcile/repair.rs",
            from: "(!ours.is_empty()).then(|| ours.clone())",
            to: "(!ours.is_empty() && !BROKEN).then(|| ours.clone())",
        }],
    },
    Rule {
        name: "blind-repair",
        says: "what is wiped is looked at once more before it is given back",
        breaks: &[Edit {
            file: "nango/repair.rs",
            from: "        if now.key != *key ||",
            to: "        if BROKEN && let Some(tags) = &repair.tags {
            let _ = self.0.client.set_tags(key, tags).await;
            return;
        }
        if now.key != *key ||",
        }],
    },
    Rule {
        name: "other-incarnation",
        says: "nothing is given back to another connection of the same name",
        breaks: &[Edit {
            file: "nango/repair.rs",
            from: "now.incarnation != repair.incarnation",
            to: "(now.incarnation != repair.incarnation && !BROKEN)",
        }],
    },
    Rule {
        name: "second-look",
        says: "what was given back is looked at again after half a minute",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "        if let Some(repaired) = repaired {",
            to: "        if !BROKEN && let Some(repaired) = repaired {",
        }],
    },
    Rule {
        name: "lower-incarnation",
        says: "an older incarnation than the one that is known is an old answer",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "                    Ordering::Less if found.origin.may_lag()",
            to: "                    Ordering::Less if BROKEN => self.first(Some(row), found),
                    Ordering::Less if found.origin.may_lag()",
        }],
    },
    Rule {
        name: "higher-incarnation",
        says: "a connection that was made again is whose its tags name",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "                    Ordering::Greater =>",
            to: "                    Ordering::Greater if BROKEN => {
                        let incarnation = found.connection.incarnation;
                        let details = Details { incarnation, ..row.details.clone() };
                        self.again(&Record { details, ..row.clone() }, found)
                    }
                    Ordering::Greater =>",
        }],
    },
    Rule {
        name: "disconnected",
        says: "what was disconnected does not come back",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "            // Whoever says that it is back has",
            to: "            (Some(Removal::Disconnected), _) if BROKEN => return self.revived(row, seen),
            // Whoever says that it is back has",
        }],
    },
    Rule {
        name: "gone",
        says: "what was gone may come back",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "            // It was not gone after all.\n",
            to: "            (Some(Removal::Gone), _) if BROKEN => return Reconciled::nothing(Some(renewed(row))),
            // It was not gone after all.\n",
        }],
    },
    Rule {
        name: "old-holder",
        says: "who holds an old connection does not end the one that was made again under its name",
        breaks: &[Edit {
            file: "nango/owned/mod.rs",
            from: "row.details.incarnation > self.row.details.incarnation;",
            to: "!BROKEN && row.details.incarnation > self.row.details.incarnation;",
        }],
    },
    Rule {
        name: "given-away",
        says: "who has given a connection away does not end it",
        breaks: &[Edit {
            file: "nango/owned/mod.rs",
            from: "row.owner.as_ref().is_some_and(|owner| *owner != self.owner);",
            to: "!BROKEN && row.owner.as_ref().is_some_and(|owner| *owner != self.owner);",
        }],
    },
    Rule {
        name: "transfer-look",
        says: "what is given to somebody else is looked at right before",
        breaks: &[Edit {
            file: "nango/owned/transfer.rs",
            from: "        if !is_there {",
            to: "        if !BROKEN && !is_there {",
        }],
    },
    Rule {
        name: "unheard",
        says: "what the app has not heard of says so in its row",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "let announced = if changed { !self.announce }",
            to: "let announced = if changed && !BROKEN { !self.announce }",
        }],
    },
    Rule {
        name: "last-heard",
        says: "what the app hears last is how it is",
        breaks: &[Edit {
            file: "nango/announce.rs",
            from: "Some(newer) if !newer.is_mark() &&",
            to: "Some(newer) if !BROKEN && !newer.is_mark() &&",
        }],
    },
    Rule {
        name: "handler",
        says: "what the app's handler has not taken note of is told again",
        breaks: &[Edit {
            file: "nango/announce.rs",
            from: "            if !self.tell_of(&told).await {",
            to: "            if !self.tell_of(&told).await && !BROKEN {",
        }],
    },
];
