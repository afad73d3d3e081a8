package ledger

import (
	"slices"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Why a pair was not provoked. docs/compatibility.md explains the words.
const (
	triggers    = "functions"
	delivery    = "delivery"
	firewall    = "firewall"
	rates       = "rates"
	permissions = "permissions"
	region      = "region"
	notYet      = "not yet"
	unknown     = "unknown"
)

// order is that of the table.
var order = []string{notYet, delivery, triggers, permissions, region, rates, firewall, unknown}

// reasons holds what is more than unknown. An operation of its own goes before all operations ("").
var reasons = map[pair]string{
	{"", "ForbiddenException"}:                       firewall,
	{"", "InvalidEmailRoleAccessPolicyException"}:    delivery,
	{"", "InvalidLambdaResponseException"}:           triggers,
	{"", "InvalidSmsRoleAccessPolicyException"}:      delivery,
	{"", "InvalidSmsRoleTrustRelationshipException"}: delivery,
	{"", "CodeDeliveryFailureException"}:             delivery,
	{"", "OperationNotEnabledException"}:             region,
	{"", "TooManyRequestsException"}:                 rates,
	{"", "UnexpectedLambdaException"}:                triggers,
	{"", "UserLambdaValidationException"}:            triggers,

	{"AdminResetUserPassword", "LimitExceededException"}:                 delivery,
	{"AdminInitiateAuth", "MFAMethodNotFoundException"}:                  notYet,
	{"AdminRespondToAuthChallenge", "CodeMismatchException"}:             notYet,
	{"AdminRespondToAuthChallenge", "ExpiredCodeException"}:              notYet,
	{"AdminRespondToAuthChallenge", "MFAMethodNotFoundException"}:        notYet,
	{"AdminRespondToAuthChallenge", "SoftwareTokenMFANotFoundException"}: notYet,
	{"RespondToAuthChallenge", "CodeMismatchException"}:                  notYet,
	{"RespondToAuthChallenge", "ExpiredCodeException"}:                   notYet,
	{"RespondToAuthChallenge", "MFAMethodNotFoundException"}:             notYet,
	{"RespondToAuthChallenge", "SoftwareTokenMFANotFoundException"}:      notYet,
	{"UpdateAuthEventFeedback", "UserNotFoundException"}:                 notYet, // it takes the token of a notice
}

// reasonFor says why a pair was not seen.
func reasonFor(p pair) string {
	if reason, ok := reasons[p]; ok {
		return reason
	}
	if reason, ok := reasons[pair{"", p.exception}]; ok {
		return reason
	}
	if op, ok := wire.Lookup(p.operation); ok && p.exception == "NotAuthorizedException" && op.Caller == wire.Signed {
		return permissions
	}
	return unknown
}

// Reasons are for pairs that the model declares, and in words that the table has.
func TestReasons(t *testing.T) {
	for p, reason := range reasons {
		declared := slices.ContainsFunc(wire.Operations(), func(op *wire.Operation) bool {
			return (p.operation == "" || op.Name == p.operation) && op.Declares(p.exception)
		})
		if !declared || !slices.Contains(order, reason) {
			t.Errorf("%v: %s", p, reason)
		}
	}
}
