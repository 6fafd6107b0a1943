/**
 * The question for what an administrator wants to know first. Each of the package's own names has an alias, because the
 * platform puts the namespace before it.
 */
import { gql } from 'lightning/graphql';

export const STATE = gql`
    query SwitchyardState($since: DateTime) {
        uiapi {
            query {
                liveRules: Routing_Rule__c(
                    where: { and: [{ State__c: { eq: "live" } }, { Kind__c: { eq: "rule" } }] }
                    first: 1
                ) {
                    totalCount
                }
                errors: Routing_Rule__c(where: { Has_Error__c: { eq: true } }, first: 1) {
                    totalCount
                }
                read: Routing_Rule__c(
                    where: { and: [{ State__c: { eq: "live" } }, { Version__c: { ne: null } }] }
                    first: 1
                ) {
                    totalCount
                }
                latest: Routing_Audit__c(orderBy: { Decided_At__c: { order: DESC } }, first: 1) {
                    edges {
                        node {
                            Id
                            decidedAt: Decided_At__c @optional {
                                value
                            }
                            mode: Mode__c @optional {
                                value
                                displayValue
                            }
                        }
                    }
                }
                refused: Routing_Audit__c(
                    where: { and: [{ Outcome__c: { eq: "refused" } }, { Decided_At__c: { gte: { value: $since } } }] }
                    first: 1
                ) {
                    totalCount
                }
            }
        }
    }
`;
