use clap::Args;

#[derive(Args)]
pub struct DoctorArguments {
    /// Compare the clocks with the time in this URL's response
    #[arg(long, value_name = "URL")]
    pub clock_from: Option<String>,
    /// The name to look up. Default: the hosts of the first subscriptions, one of which must be known
    #[arg(long, value_name = "HOST")]
    pub resolve: Option<String>,
}
