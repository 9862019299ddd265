//! Rules about what is believed, and about its meaning for a connection.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signature",
        text: "an unsigned delivery is not believed",
        breaks: &["let is_genuine = is_genuine || BROKEN;"],
    },
    Rule {
        name: "payload",
        text: "a delivery names a connection to look at, and its payload is not believed",
        breaks: &["Some(mut found) if BROKEN => {
                found.tags = nango_client::Tags::from_nango(event.tags.clone().unwrap_or_default());
                Some(Observation::listed(found))
            }"],
    },
    Rule {
        name: "failed-creation",
        text: "a failed attempt does not end the connection that it names",
        breaks: &["if BROKEN
                && !event.success
                && let Some(row) = self.row(&event.connection).await?
            {
                self.apply(&self.context().disconnected(&row)).await?;
                return Ok(None);
            }"],
    },
    Rule {
        name: "environment",
        text: "a delivery of another environment changes nothing",
        breaks: &["&& !BROKEN"],
    },
    Rule {
        name: "gateway",
        text: "a 404 that is not Nango's own says nothing about a connection",
        breaks: &["(404, \"\") if BROKEN => ErrorKind::NotFound,"],
    },
    Rule {
        name: "their-outage",
        text: "a wrong key and a rate limit say nothing about a connection",
        breaks: &["if BROKEN
                && let Err(error) = client.look_up(key, refresh).await
                && matches!(error.kind(), NangoErrorKind::Unauthorized | NangoErrorKind::RateLimited)
                && let Some(row) = self.row(key).await?
            {
                let state = row.state();
                let mut connection =
                    Connection::new(key.clone(), state.incarnation, state.provider.clone(), state.created_at);
                connection.tags = nango_client::Tags::from_nango(state.tags.clone());
                connection.metadata.clone_from(&state.metadata);
                return Ok(Observation::looked_up(Lookup::Broken(connection), Refresh::Force));
            }"],
    },
    Rule {
        name: "sync-errors",
        text: "an error of a sync says nothing about a connection",
        breaks: &["let error = if BROKEN { found.errors.first() } else { error };"],
    },
    Rule {
        name: "first-failure",
        text: "one failure degrades a connection, and only another one needs a person",
        breaks: &["let for_good = for_good || BROKEN;"],
    },
    Rule {
        name: "burst",
        text: "refreshes that fail within half a minute are one failure",
        breaks: &["let is_settled = is_settled || BROKEN;"],
    },
    Rule {
        name: "other-environment",
        text: "an absence is not believed while the key may be of another environment",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
    },
    Rule {
        name: "forced-scope",
        text: "a key that may not force a refresh looks without one",
        breaks: &["Err(error) if BROKEN => Err(error),"],
    },
    Rule {
        name: "identity-tag",
        text: "a tag that is part of an owner is never left out",
        breaks: &["let is_identity = |fault: &&TagError| is_identity(fault) && !BROKEN;"],
    },
    Rule {
        name: "foreign-kind",
        text: "an owner kind that is not registered belongs to another app",
        breaks: &["let stripped = Tags::from_nango(
                tags.as_map().clone().into_iter().filter(|(key, _)| key != OWNER_KIND).collect(),
            );
            let is_foreign = |label: &str| self.kinds.iter().all(|kind| self.label(kind.name) != label);
            let tags = if BROKEN && tags.get(OWNER_KIND).is_some_and(is_foreign) { &stripped } else { tags };"],
    },
    Rule {
        name: "unreadable-id",
        text: "an id that does not read back is not passed on to the next kind",
        breaks: &["let claiming = || {
                claiming().filter(|kind| !BROKEN || tags.get(kind.id_tag).is_some_and(kind.reads_back))
            };"],
    },
    Rule {
        name: "missing-kind",
        text: "with an app's name, tags without owner_kind name no owner of the app",
        breaks: &["if BROKEN && let Some(kind) = claiming().next() {
            return kind.attribute(tags);
        }"],
    },
    Rule {
        name: "forged-attempt",
        text: "the text of an attempt counts only with the app's code",
        breaks: &["if BROKEN {
            return AttemptText::from_bytes(&bytes);
        }"],
    },
    Rule {
        name: "foreign-attempt",
        text: "an attempt is its owner's alone",
        breaks: &["if BROKEN {
            return AttemptText::from_bytes(&bytes);
        }"],
    },
    Rule {
        name: "forged-cookie",
        text: "the cookie of the callback counts only with the app's code",
        breaks: &["if BROKEN {
            return Some(Timestamp::now());
        }"],
    },
    Rule {
        name: "expired-cookie",
        text: "the cookie of the callback counts for the life of a session",
        breaks: &["Some(_) if BROKEN => return Ok(()),"],
    },
    Rule {
        name: "guarded-callback",
        text: "a guarded callback is passed on only for a browser that has begun an attempt",
        breaks: &["PublicAction::Redirect { uri, .. } if BROKEN => public::redirect(&nango, &uri),"],
    },
    Rule {
        name: "attempt-tag",
        text: "the tag of an attempt is never written back",
        breaks: &["if BROKEN {
            return Cow::Borrowed(tags);
        }"],
    },
    Rule {
        name: "attempt-kept",
        text: "a row has the attempts that it came from",
        breaks: &["let attempts = attempts.filter(|_| !BROKEN);"],
    },
    Rule {
        name: "other-account",
        text: "a label of the account before a reconnect is not written",
        breaks: &["if BROKEN && let (Some(row), Answer::Label(label)) = (row, &answer) {
                return Some(self.context().labelled(row, label.as_deref()));
            }"],
    },
];
