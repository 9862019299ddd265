const _: () = {
    use crate::reexports::nango_core::__private as _nango;
    ///The tags of a [`Member`], read back.
    pub(crate) struct __MemberTags<'nango, 'a, I, P: ?Sized, const N: usize>
    where
        I: Clone,
        Region<N>: _nango::TagFields,
    {
        ///The tag `member_id`.
        pub(crate) id: _nango::Tag<'nango, Id<I>>,
        ///The tag `billing-plan`.
        pub(crate) billing_plan: _nango::Tag<'nango, <P as _nango::ToOwned>::Owned>,
        ///The tags of the field `region`.
        pub(crate) region: <Region<N> as _nango::TagFields>::View<'nango>,
        __of: _nango::PhantomData<(&'nango (), fn() -> Member<'a, I, P, N>)>,
    }
    #[automatically_derived]
    impl<'a, I, P: ?Sized, const N: usize> _nango::TagFields for Member<'a, I, P, N>
    where
        I: Clone,
        Id<I>: _nango::OwnerId,
        Cow<'a, P>: _nango::TagValue,
        Region<N>: _nango::TagFields,
    {
        const TAGS: &'static [&'static _nango::str] = _nango::TagKeys::as_slice(
            &_nango::TagKeys::join(
                &[&["member_id", "billing-plan"], <Region<N> as _nango::TagFields>::TAGS],
            ),
        );
        type View<'nango> = __MemberTags<'nango, 'a, I, P, N>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            const {
                let keys = _nango::TagKeys::join(&[&["member_id", "billing-plan"]]);
                let keys = _nango::TagKeys::extend_checked(
                    keys,
                    "region",
                    <Region<N> as _nango::TagFields>::TAGS,
                );
                let _ = keys;
            }
            let mut writer = _nango::TagWriter::new(tags);
            writer.insert("member_id", _nango::id_text::<Self>(&self.id));
            if let _nango::Some(value) = &self.billing_plan {
                writer.insert("billing-plan", _nango::text(value));
            }
            let outcome = <Region<
                N,
            > as _nango::TagFields>::put_tags(&self.region, writer.tags());
            writer.record(outcome);
            writer.finish()
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            __MemberTags {
                id: _nango::tag(tags, "member_id"),
                billing_plan: _nango::tag(tags, "billing-plan"),
                region: <Region<N> as _nango::TagFields>::view(tags),
                __of: _nango::PhantomData,
            }
        }
    }
    #[automatically_derived]
    impl<'a, I, P: ?Sized, const N: usize> _nango::TagMapper for Member<'a, I, P, N>
    where
        I: Clone,
        Id<I>: _nango::OwnerId,
        Cow<'a, P>: _nango::TagValue,
        Region<N>: _nango::TagFields,
    {
        type Id = Id<I>;
        const KIND: &'static _nango::str = "seat";
        const ID_TAG: &'static _nango::str = "member_id";
        const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;
        #[inline]
        fn owner(&self) -> _nango::Owner {
            _nango::owner::<Self>(_nango::id_text::<Self>(&self.id), _nango::None)
        }
        #[inline]
        fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
            _nango::to_tags(self)
        }
    }
};
