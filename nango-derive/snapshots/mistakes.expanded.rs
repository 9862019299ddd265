::core::compile_error! {
    "unknown attribute `idd`: did you mean `id`?"
}
::core::compile_error! {
    "Nango lower-cases tag keys: write `plan`"
}
const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`User`], read back.
    struct __UserTags<'nango> {
        ///The tag `Plan`.
        plan: _nango::Tag<'nango, Plan>,
        id: _nango::Tag<'nango, Uuid>,
    }
    #[automatically_derived]
    impl _nango::TagFields for User {
        const TAGS: &'static [&'static _nango::str] = &[];
        type View<'nango> = __UserTags<'nango>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            loop {}
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            loop {}
        }
    }
    #[automatically_derived]
    impl _nango::TagMapper for User {
        type Id = Uuid;
        const KIND: &'static _nango::str = "";
        const ID_TAG: &'static _nango::str = "";
        const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;
        #[inline]
        fn owner(&self) -> _nango::Owner {
            loop {}
        }
        #[inline]
        fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
            loop {}
        }
    }
};
