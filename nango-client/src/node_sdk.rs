#![doc = include_str!("../docs/node-sdk.md")]

#[expect(unused_imports, reason = "the names that the table links to")]
use crate::{
    Client, Credentials, ListConnections, ProxyClient, RunAction, SigningKeys, SyncClient, TriggerSyncs,
};
