//! What is believed, and what it says of a connection.

use super::{Edit, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signature",
        says: "what nobody has signed is not believed",
        breaks: &[Edit {
            file: "webhook/signature.rs",
            from: "        if genuine {",
            to: "        if genuine || BROKEN {",
        }],
    },
    Rule {
        name: "payload",
        says: "a delivery tells where to look, and is not believed",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "                    // The list may read a replica: before",
            to: "                    Some(mut found) if BROKEN => {
                        found.tags = crate::Tags::received(event.tags.clone().unwrap_or_default());
                        Ok(Seen::listed(found))
                    }
                    // The list may read a replica: before",
        }],
    },
    Rule {
        name: "failed-creation",
        says: "a failed attempt does not end the connection that it names",
        breaks: &[Edit {
            file: "nango/deliver.rs",
            from: "        if !self.0.budget.may_look() {",
            to: "        if BROKEN
            && !event.success
            && let Some(row) = self.row(&event.connection).await?
        {
            self.apply(&self.context().disconnected(&row)).await?;
            return Ok(());
        }
        if !self.0.budget.may_look() {",
        }],
    },
    Rule {
        name: "environment",
        says: "what comes from another environment changes nothing",
        breaks: &[Edit {
            file: "nango/deliver.rs",
            from: "            && ours != theirs\n",
            to: "            && ours != theirs\n            && !BROKEN\n",
        }],
    },
    Rule {
        name: "gateway",
        says: "a 404 that is not Nango's own says nothing of a connection",
        breaks: &[Edit {
            file: "client/envelope.rs",
            from: "            // A page of something in between, or",
            to: "            (404, \"\") if BROKEN => ErrorKind::NotFound,
            // A page of something in between, or",
        }],
    },
    Rule {
        name: "their-outage",
        says: "a wrong key and a rate limit say nothing of a connection",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "            Err(Refused::Failed(error)) => Err(error),\n",
            to: "            Err(Refused::Failed(error))
                if BROKEN && matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::RateLimited) =>
            {
                let Some(row) = self.row(key).await? else { return Err(error) };
                let connection = Connection {
                    key: key.clone(),
                    incarnation: row.details.incarnation,
                    provider: row.details.provider,
                    tags: crate::Tags::received(row.details.tags),
                    errors: Vec::new(),
                    created_at: row.details.created_at,
                    metadata: row.details.metadata,
                };
                Ok(Seen::looked_up(connection, Credentials::RefusedWhenForced))
            }
            Err(Refused::Failed(error)) => Err(error),\n",
        }],
    },
    Rule {
        name: "sync-errors",
        says: "an error of a sync says nothing of a connection",
        breaks: &[Edit {
            file: "health.rs",
            from: "|error| error.kind == AUTH",
            to: "|error| error.kind == AUTH || BROKEN",
        }],
    },
    Rule {
        name: "first-failure",
        says: "one failure degrades a connection, and only another one asks for a person",
        breaks: &[Edit {
            file: "health.rs",
            from: "        let for_good = credentials",
            to: "        let for_good = BROKEN\n            || credentials",
        }],
    },
    Rule {
        name: "foreign-kind",
        says: "an owner kind that is not registered here is somebody else's",
        breaks: &[Edit {
            file: "kinds.rs",
            from: "        if let Some(label) = tags.get(OWNER_KIND) {",
            to: "        if let Some(label) = tags.get(OWNER_KIND)
            && !(BROKEN && self.kinds.iter().all(|kind| self.label(kind.name) != label))
        {",
        }],
    },
    Rule {
        name: "unreadable-id",
        says: "an id that does not read back is not passed on to the next kind",
        breaks: &[Edit {
            file: "kinds.rs",
            from: "let claiming = || self.kinds.iter().filter(|kind| tags.get(kind.id_tag).is_some());",
            to: "let reads = |kind: &&Kind| !BROKEN || tags.get(kind.id_tag).is_some_and(kind.reads_back);
        let claiming =
            || self.kinds.iter().filter(|kind| tags.get(kind.id_tag).is_some()).filter(reads);",
        }],
    },
];
