mod differential;
mod host;
mod misuse;
