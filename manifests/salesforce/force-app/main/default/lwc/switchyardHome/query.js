/**
 * The question for what an administrator wants to know first. Each of the package's own names has an alias, because the
 * platform puts the namespace before it.
 */
import { gql } from 'lightning/graphql';

export const STATE = gql`
    query SwitchyardState($since: DateTime) {
        uiapi {
            query {
                rules: Routing_Rule__c(where: { State__c: { eq: "live" } }, first: 2000) {
                    edges {
                        node {
                            Id
                            kind: Kind__c @optional {
                                value
                            }
                            error: Error__c @optional {
                                value
                            }
                            version: Version__c @optional {
                                value
                            }
                        }
                    }
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
