/// An enum of which each variant has a frozen code, as the JSON of a diagnosis holds it.
macro_rules! codes {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $name:ident $code:literal)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type { $($(#[$doc])* $name,)* }

        impl $type {
            /// Every variant.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The frozen code.
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

pub(super) use codes;
