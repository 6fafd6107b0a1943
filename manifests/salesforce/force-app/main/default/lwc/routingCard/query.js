/**
 * The question for the latest decision about a lead or a contact.
 *
 * Reminders and escalations write audits too, but decide nothing; nor does what a person said of two records, whose keys
 * have colons between word, records and moment. Names of the package's own objects and fields get its
 * namespace when the package is made; so each has an alias, by which the answer is read. What a user may not see is
 * marked as optional and missing from the answer.
 */
import { gql } from 'lightning/graphql';

export const LATEST_AUDIT = gql`
    query SwitchyardLatestAudit($record: ID) {
        uiapi {
            query {
                audits: Routing_Audit__c(
                    where: {
                        and: [
                            { or: [{ Lead__c: { eq: $record } }, { Contact__c: { eq: $record } }] }
                            { Outcome__c: { nin: ["reminded", "escalated"] } }
                            { not: { Decision_Key__c: { like: "%:%:%:%" } } }
                        ]
                    }
                    orderBy: { Decided_At__c: { order: DESC } }
                    first: 1
                ) {
                    edges {
                        node {
                            Id
                            Name @optional {
                                value
                            }
                            outcome: Outcome__c @optional {
                                value
                                displayValue
                            }
                            mode: Mode__c @optional {
                                value
                            }
                            matchStatus: Match_Status__c @optional {
                                value
                            }
                            confidence: Confidence__c @optional {
                                value
                            }
                            accountId: Account__c @optional {
                                value
                            }
                            account: Account__r @optional {
                                Name {
                                    value
                                }
                            }
                            assigneeId: Assignee__c @optional {
                                value
                            }
                            assignee: Assignee__r @optional {
                                Name {
                                    value
                                }
                            }
                            reason: Reason__c @optional {
                                value
                            }
                            story: Story__c @optional {
                                value
                            }
                            detail: Detail__c @optional {
                                value
                            }
                            rule: Rule__c @optional {
                                value
                            }
                            decidedAt: Decided_At__c @optional {
                                value
                            }
                            responseStatus: Response_Status__c @optional {
                                value
                                displayValue
                            }
                            responseDueAt: Response_Due_At__c @optional {
                                value
                            }
                            respondedAt: Responded_At__c @optional {
                                value
                            }
                        }
                    }
                }
            }
        }
    }
`;
