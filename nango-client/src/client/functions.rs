//! `/integrations/{id}/functions`: the deployed syncs and actions of an integration.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::reply::{Data, Reply, reply, words};
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::transport::{Call, Endpoint};

static LIST: Endpoint =
    Endpoint::new(Method::GET, "/integrations/{uniqueKey}/functions", "list functions").of("the integration");

static READ: Endpoint =
    Endpoint::new(Method::GET, "/integrations/{uniqueKey}/functions/{name}", "read a function")
        .of("the function");

static CODE: Endpoint = Endpoint::new(
    Method::GET,
    "/integrations/{uniqueKey}/functions/{name}/code",
    "read the code of a function",
)
.of("the function");

static DELETE: Endpoint =
    Endpoint::new(Method::DELETE, "/integrations/{uniqueKey}/functions/{name}", "delete a function")
        .of("the function");

words! {
    /// Kinds of functions.
    FunctionKind {
        /// Runs when it is called.
        Action = "action",
        /// Runs when something happens to a connection.
        OnEvent = "on-event",
        /// Runs at its interval.
        Sync = "sync",
    }
}

reply! {
    /// A function that is deployed.
    #[derive(Clone, PartialEq)]
    Function {
        /// The name.
        name: String,
        /// The kind.
        #[serde(rename = "type")]
        kind: FunctionKind,
        /// The description.
        description: Option<String>,
        /// The scopes that it needs at the provider.
        #[serde(default)]
        scopes: Vec<String>,
        /// The model of its input.
        input: Option<String>,
        /// The models of its output, or of its records.
        #[serde(default)]
        returns: Vec<String>,
        /// The JSON schema of its models.
        json_schema: Option<Value>,
        /// The interval of a sync, such as `every hour`.
        runs: Option<String>,
        /// `true` if a sync starts by itself with each connection.
        auto_start: Option<bool>,
        /// `true` if a sync finds out about deletions by itself.
        track_deletes: Option<bool>,
        /// The event that an `on-event` function runs at.
        event: Option<String>,
        /// The id of the deployment.
        id: i64,
        /// `true` if it is enabled.
        enabled: bool,
        /// The time of the last deployment.
        last_deployed: Timestamp,
        /// The way it was deployed: `repo`, `catalog` or `standalone`.
        source: Option<String>,
    }
}

reply! {
    /// A function of Nango's catalogue.
    #[derive(Clone, PartialEq)]
    FunctionTemplate {
        /// The name.
        name: String,
        /// The kind.
        #[serde(rename = "type")]
        kind: FunctionKind,
        /// The description.
        description: Option<String>,
        /// The scopes that it needs at the provider.
        #[serde(default)]
        scopes: Vec<String>,
        /// The model of its input.
        input: Option<String>,
        /// The models of its output, or of its records.
        #[serde(default)]
        returns: Vec<String>,
        /// The JSON schema of its models.
        json_schema: Option<Value>,
        /// The interval of a sync, such as `every hour`.
        runs: Option<String>,
        /// `true` if a sync starts by itself with each connection.
        auto_start: Option<bool>,
        /// `true` if a sync finds out about deletions by itself.
        track_deletes: Option<bool>,
    }
}

reply! {
    /// The source of a function.
    #[derive(Clone, PartialEq)]
    FunctionCode {
        /// The kind.
        #[serde(rename = "type")]
        kind: FunctionKind,
        /// The TypeScript.
        code: String,
    }
}

reply! {
    /// The place of a page in a list.
    #[derive(Clone, PartialEq)]
    Pagination {
        /// The number of all functions that pass the filters.
        total: u64,
        /// The page, counted from 0.
        page: u64,
        /// The length of a page.
        limit: u64,
    }
}

reply! {
    /// One page of a list of functions: actions before syncs, each by name.
    #[derive(Clone, PartialEq)]
    FunctionPage {
        /// The functions.
        #[serde(rename = "data")]
        functions: Vec<Function>,
        /// The place of the page.
        pagination: Pagination,
    }
}

crate::__debug_only!(Function { name, kind, enabled, last_deployed });
crate::__debug_only!(FunctionTemplate { name, kind });
crate::__debug_only!(FunctionCode { kind });
crate::__debug_only!(Pagination { total, page, limit });
crate::__debug_only!(FunctionPage { functions, pagination });

/// A list of functions that is about to be requested. [`Client::functions`] creates it.
#[must_use = "nothing is requested before `send`"]
#[derive(Debug, Clone)]
pub struct ListFunctions<'a> {
    client: &'a Client,
    integration: String,
    kind: Option<FunctionKind>,
    search: Option<String>,
    page: u32,
    limit: u32,
}

impl Client {
    /// Lists the functions that are deployed for an integration.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, FunctionKind};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let syncs = client.functions("github").kind(FunctionKind::Sync).limit(100).send().await?;
    /// println!("{} of {}", syncs.functions.len(), syncs.pagination.total);
    /// # Ok(())
    /// # }
    /// ```
    pub fn functions(&self, integration: impl Into<String>) -> ListFunctions<'_> {
        let integration = integration.into();
        ListFunctions { client: self, integration, kind: None, search: None, page: 0, limit: 20 }
    }

    /// Returns a function. A sync and an action may share a name: then its kind has to be named.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, FunctionKind};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let kind = FunctionKind::Sync;
    /// let issues = client.function("github", "issues", Some(&kind)).await?;
    /// let code = client.function_code("github", "issues", Some(&kind)).await?;
    /// # let _ = (issues, code);
    /// client.delete_function("github", "issues", &kind).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such function or integration,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the name fits several, and those of any call.
    pub async fn function(
        &self,
        integration: &str,
        name: &str,
        kind: Option<&FunctionKind>,
    ) -> Result<Function, Error> {
        let call = self.transport.call(&READ);
        let Reply(Data(found)): Reply<Data<Function>> =
            call.send(function_url(call, integration, name, &[], kind)?).await?;
        Ok(found)
    }

    /// Returns the source of a function.
    ///
    /// # Errors
    ///
    /// Those of [`function`](Self::function).
    pub async fn function_code(
        &self,
        integration: &str,
        name: &str,
        kind: Option<&FunctionKind>,
    ) -> Result<FunctionCode, Error> {
        let call = self.transport.call(&CODE);
        let Reply(found): Reply<FunctionCode> =
            call.send(function_url(call, integration, name, &["code"], kind)?).await?;
        Ok(found)
    }

    /// Deletes a function. The records of a sync stay (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such function,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the code `function_managed_by_deploy` when it was
    /// deployed with Nango's CLI, and those of any call.
    pub async fn delete_function(
        &self,
        integration: &str,
        name: &str,
        kind: &FunctionKind,
    ) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Done {}
        let call = self.transport.call(&DELETE);
        let Done {} = call.send(function_url(call, integration, name, &[], Some(kind))?).await?;
        Ok(())
    }
}

impl ListFunctions<'_> {
    /// Keeps only functions of a kind.
    pub fn kind(mut self, kind: FunctionKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Keeps only functions with a text in their name.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let second = client.functions("github").search("issue").page(1).send().await?;
    /// # let _ = second;
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }

    /// Sets the page, counted from 0.
    pub fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// Sets the length of a page: 1 to 100, 20 by default.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Requests the page.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such integration,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the limit is out of range, and those of any call.
    pub async fn send(&self) -> Result<FunctionPage, Error> {
        let call = self.client.transport.call(&LIST);
        let mut url = call.url(&["integrations", &self.integration, "functions"])?;
        url.query_pairs_mut()
            .append_pair("limit", &self.limit.to_string())
            .append_pair("page", &self.page.to_string())
            .extend_pairs(self.kind.iter().map(|kind| ("type", kind.as_str())))
            .extend_pairs(self.search.iter().map(|text| ("search", text)));
        let Reply(page): Reply<FunctionPage> = call.send(url).await?;
        Ok(page)
    }
}

fn function_url(
    call: Call<'_>,
    integration: &str,
    name: &str,
    rest: &[&str],
    kind: Option<&FunctionKind>,
) -> Result<url::Url, Error> {
    let mut url = call.url(&[&["integrations", integration, "functions", name], rest].concat())?;
    if let Some(kind) = kind {
        url.query_pairs_mut().append_pair("type", kind.as_str());
    }
    Ok(url)
}
