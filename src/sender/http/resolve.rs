use std::error::Error;
use std::net::IpAddr;
use std::pin::Pin;

/// What [`Resolve::resolve`] returns: the addresses, in the order in which they are tried.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Resolves host names: see [`HttpOptions::resolver`](super::HttpOptions::resolver).
pub trait Resolve: Send + Sync {
    /// Looks up the addresses of a name, which is in its ASCII form. A panic in here fails the look-up.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}
