//! The same with a server whose access tokens name neither their user nor their organization.

macro_rules! with_opaque_tokens {
    ($($module:ident :: $test:ident,)*) => {
        $(#[test] fn $test() { crate::world::with_opaque_tokens(crate::$module::$test); })*
    };
}

with_opaque_tokens! {
    two_processes::two_processes_on_one_data_directory_never_spend_one_refresh_token_twice,
    two_processes::a_process_that_is_killed_with_the_lock_lets_the_other_go_on,
    two_processes::a_sign_out_in_one_process_ends_the_session_of_the_other,
    two_processes::a_sign_in_in_one_process_is_taken_up_by_the_other_without_a_question,
    two_processes::two_processes_in_two_organizations_each_go_on_in_their_own,
    two_processes::an_account_that_one_process_adds_is_not_forgotten_by_another,
    organizations::pages_of_the_organization_before_are_never_shown_in_this_one,
    organizations::a_write_that_is_answered_after_a_switch_was_done_where_it_was_begun,
    organizations::a_write_that_is_refused_after_a_switch_is_not_repeated_in_this_organization,
    organizations::a_switch_that_fails_leaves_the_organization_working,
    organizations::a_switch_whose_reply_is_lost_lands_where_the_server_grants_a_grace,
    organizations::a_switch_whose_reply_is_lost_without_a_grace_is_one_clean_question,
    sign_out::a_sign_out_while_a_refresh_is_answered_leaves_nothing_alive,
    sign_out::a_sign_out_while_the_reply_to_a_refresh_is_lost_leaves_nothing_alive,
    networks::a_network_that_breaks_every_reply_to_a_refresh_once_costs_no_session,
}
