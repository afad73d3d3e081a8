package ledger

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// lambda is the ARN of a function, which this version cannot invoke.
const lambda = "arn:aws:lambda:us-east-1:123456789012:function:ledger"

func TestUserPools(t *testing.T) {
	w := newWorld(t)
	const tier, tagging = "FeatureUnavailableInTierException", "UserPoolTaggingException"
	pool := w.pool(nil)
	for operation, in := range map[string]M{"CreateUserPool": {"PoolName": "ledger"}, "UpdateUserPool": {"UserPoolId": pool}} {
		w.provoke(operation, with(in, M{"UserPoolAddOns": M{"AdvancedSecurityMode": "AUDIT"}}), tier,
			"threat protection was asked for in the plan Essentials")
		w.provoke(operation, with(in, M{"UserPoolTags": M{"aws:mine": "x"}}), tagging, "a tag had the prefix aws:")
		w.provoke(operation, with(in, M{"UserPoolTags": manyTags()}), tagging, "there were more than 50 tags")
		w.provoke(operation, with(in, M{"SmsConfiguration": M{"SnsCallerArn": "arn:aws:iam::123456789012:user/sms"}}),
			"InvalidSmsRoleTrustRelationshipException", "what was to send SMS was not a role")
		w.provoke(operation, with(in, M{"EmailConfiguration": M{"SourceArn": "arn:aws:iam::123456789012:role/email"}}),
			"InvalidEmailRoleAccessPolicyException", "what was to send email was not an identity")
		w.provoke(operation, with(in, M{"MfaConfiguration": "ON"}), "InvalidParameterException", "multi-factor authentication had no factor")
	}
	w.provoke("CreateUserPool", M{"PoolName": "ledger", "AliasAttributes": L{"email"}, "UsernameAttributes": L{"email"}},
		"InvalidParameterException", "addresses were to be aliases and user names")
	w.do("CreateUserPoolClient", M{"UserPoolId": pool, "ClientName": "choice", "ExplicitAuthFlows": L{"ALLOW_USER_AUTH"}})
	w.provoke("UpdateUserPool", M{"UserPoolId": pool, "UserPoolTier": "LITE"}, tier,
		"an app client had the sign-in that begins with a choice, which the plan Lite does not have")
	w.race("UpdateUserPool", func(i int) M { return M{"UserPoolId": pool, "PoolName": fmt.Sprintf("ledger-%d", i)} },
		"ConcurrentModificationException", "two changed the user pool at the same time")

	kept := w.pool(M{"DeletionProtection": "ACTIVE"})
	w.provoke("DeleteUserPool", M{"UserPoolId": kept}, "InvalidParameterException", "the user pool was protected from deletion")
	w.provoke("ListUserPools", M{"MaxResults": 10, "NextToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	w.do("DeleteUserPool", M{"UserPoolId": pool})
	for _, operation := range []string{"DescribeUserPool", "UpdateUserPool", "DeleteUserPool"} {
		w.provoke(operation, M{"UserPoolId": pool}, "ResourceNotFoundException", "the user pool had been deleted")
	}
}

// A region has room for 1,000 user pools.
func TestTooManyUserPools(t *testing.T) {
	w, _ := newWorldWith(t, func(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
		for i := range 1000 {
			p := *pool
			p.Number, p.ID = userpool.NewNumber(pool.Created), fmt.Sprintf("eu-north-1_%09d", i)
			if err := tx.CreatePool(ctx, &p, nil); err != nil {
				return err
			}
		}
		return nil
	})
	w.in("eu-north-1").provoke("CreateUserPool", M{"PoolName": "ledger"}, "LimitExceededException", "the region had 1,000 user pools")
}

func TestFactorsOfUserPools(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	const operation = "SetUserPoolMfaConfig"
	app := M{"UserPoolId": pool, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": M{"Enabled": true}}
	w.provoke(operation, with(app, M{"MfaConfiguration": "OFF"}), "InvalidParameterException", "a factor was configured while multi-factor authentication was switched off")
	w.provoke(operation, M{"UserPoolId": w.pool(M{"UserPoolTier": "LITE"}), "WebAuthnConfiguration": M{"RelyingPartyId": "example.com"}},
		"FeatureUnavailableInTierException", "passkeys were configured in the plan Lite")
	w.provoke(operation, with(app, M{"SmsMfaConfiguration": M{"SmsConfiguration": M{"SnsCallerArn": "arn:aws:iam::123456789012:user/sms"}}}),
		"InvalidSmsRoleTrustRelationshipException", "what was to send SMS was not a role")
	w.race(operation, func(int) M { return app }, "ConcurrentModificationException", "two changed the factors at the same time")
}

func TestPartsOfUserPools(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	w.provoke("SetLogDeliveryConfiguration", M{"UserPoolId": pool, "LogConfigurations": L{M{"EventSource": "userAuthEvents", "LogLevel": "INFO",
		"S3Configuration": M{"BucketArn": "arn:aws:s3:::logs"}}}}, "FeatureUnavailableInTierException", "the activity of users was to be logged in the plan Essentials")
	w.provoke("UpdateProvisionedLimit", M{"RequestedLimitValue": 1000000, "LimitDefinition": M{"LimitClass": "API_CATEGORY", "Attributes": M{"Category": "UserRead"}}},
		"ServiceQuotaExceededException", "the limit was to be higher than the account can have")
	certificate := w.do("GetSigningCertificate", M{"UserPoolId": pool})["Certificate"]
	if again := w.do("GetSigningCertificate", M{"UserPoolId": pool})["Certificate"]; again != certificate {
		t.Errorf("the certificate was %v, then %v", certificate, again)
	}
	arn := "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + pool
	w.do("TagResource", M{"ResourceArn": arn, "Tags": M{"stage": "test", "team": "a"}})
	w.do("UntagResource", M{"ResourceArn": arn, "TagKeys": L{"team"}})
	if tags := w.do("ListTagsForResource", M{"ResourceArn": arn})["Tags"].(M); len(tags) != 1 || tags["stage"] != "test" {
		t.Errorf("got tags %v", tags)
	}
	w.do("AddCustomAttributes", M{"UserPoolId": pool, "CustomAttributes": L{M{"Name": "level", "AttributeDataType": "Number"}}})
	w.provoke("AddCustomAttributes", M{"UserPoolId": pool, "CustomAttributes": L{M{"Name": "level", "AttributeDataType": "Number"}}},
		"InvalidParameterException", "an attribute of that name was there")
}

// manyTags are more than a user pool can have.
func manyTags() M {
	tags := M{}
	for i := range 51 {
		tags[fmt.Sprintf("tag-%d", i)] = strings.Repeat("x", i)
	}
	return tags
}
