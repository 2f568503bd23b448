//! kubectl's own settings: one cluster, one user, and the contexts that a person makes of them.

/// Name of the lab's context, cluster and user.
pub const NAME: &str = "x";

/// A context: a name for a cluster, a user and a namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// Its cluster.
    pub cluster: String,
    /// Its user.
    pub user: String,
    /// Its namespace; "" for `default`.
    pub namespace: String,
}

/// The settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// All contexts, by name.
    pub contexts: Vec<Context>,
    /// Name of the context in use.
    pub current: String,
}

impl Default for Config {
    fn default() -> Config {
        let context = Context { name: NAME.into(), cluster: NAME.into(), user: NAME.into(), namespace: String::new() };
        Config { contexts: vec![context], current: NAME.into() }
    }
}

impl Config {
    /// The context of a name.
    pub fn context(&self, name: &str) -> Option<&Context> {
        self.contexts.iter().find(|c| c.name == name)
    }

    /// The namespace of command lines that name none.
    pub fn namespace(&self) -> &str {
        match self.context(&self.current) {
            Some(context) if !context.namespace.is_empty() => &context.namespace,
            _ => "default",
        }
    }
}
