package ledger

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// replicated is a pool that can have a replica.
var replicated = M{"KeyConfiguration": M{"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd"}}

func TestReplicas(t *testing.T) {
	w := newWorld(t)
	const there = "us-west-2"
	create := func(pool string) M { return M{"UserPoolId": pool, "RegionName": there} }
	w.provoke("CreateUserPoolReplica", create(w.pool(nil)), "InvalidParameterException", "the user pool had no multi-Region key")
	w.provoke("CreateUserPoolReplica", create(w.pool(with(replicated, M{"UserPoolTier": "LITE"}))), "FeatureUnavailableInTierException", "the plan was Lite")
	pool := w.pool(replicated)
	w.provoke("CreateUserPoolReplica", with(create(pool), M{"UserPoolTags": M{"aws:mine": "x"}}), "UserPoolTaggingException", "a tag had the prefix aws:")
	for _, operation := range []string{"UpdateUserPoolReplica", "DeleteUserPoolReplica"} {
		w.provoke(operation, with(sample(operation), create(pool)), "ResourceNotFoundException", "the user pool had no replica")
	}
	w.do("CreateUserPoolReplica", create(pool))
	w.provoke("CreateUserPoolReplica", create(pool), "LimitExceededException", "the user pool had a replica")
	w.provoke("UpdateUserPool", M{"UserPoolId": pool, "UserPoolTier": "LITE"}, "TierChangeNotAllowedException", "the user pool had a replica, which the plan Lite does not have")
	w.provoke("DeleteUserPool", M{"UserPoolId": pool}, "InvalidParameterException", "the user pool had a replica")

	const exception = "OperationNotEnabledException"
	away := w.in(there)
	for _, name := range declaring(exception, "UserPoolId") {
		switch op, _ := wire.Lookup(name); {
		case op.Caller != wire.Signed, name == "DescribeUserPool", name == "ListUserPoolReplicas", name == "UpdateUserPoolReplica":
			continue // these show the user pool to its replica's region, or switch it on
		}
		away.provoke(name, with(sample(name), M{"UserPoolId": pool}), exception, "the replica of the user pool in that region was inactive")
	}
	arn := M{"ResourceArn": "arn:aws:cognito-idp:us-west-2:123456789012:userpool/" + pool}
	away.provoke("TagResource", with(arn, M{"Tags": M{"a": "b"}}), exception, "the replica of the user pool in that region was inactive")
	away.provoke("UntagResource", with(arn, M{"TagKeys": L{"a"}}), exception, "the replica of the user pool in that region was inactive")
	away.refused("CreateUserPoolReplica", create(pool), exception, "it was asked for in the replica's region")

	away.do("UpdateUserPoolReplica", with(create(pool), M{"Status": "ACTIVE"}))
	away.do("TagResource", with(arn, M{"Tags": M{"a": "b"}}))
	client := w.client(pool, nil)
	w.user(pool, "jane")
	away.do("AdminGetUser", M{"UserPoolId": pool, "Username": "jane"})
	away.do("AdminInitiateAuth", M{"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": M{"USERNAME": "jane", "PASSWORD": password}})
	away.provoke("AdminDeleteUser", M{"UserPoolId": pool, "Username": "jane"}, exception, "a user was to be deleted in the replica's region")
	w.provoke("DeleteUserPoolReplica", create(pool), "InvalidParameterException", "the replica was active")
}
