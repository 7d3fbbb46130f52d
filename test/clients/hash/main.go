// Command hash judges the names that controllers make of a Pod template. Each line of its input is
// a template with a collision count; it answers with what the real controllers compute of it after
// reading it from protobuf, as they do.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"os"
	"strconv"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/dump"
)

type question struct {
	Template       core.PodTemplateSpec `json:"template"`
	CollisionCount *int32               `json:"collisionCount"`
}

type answer struct {
	// What is hashed for Deployments and DaemonSets.
	Text         string `json:"text"`
	TemplateHash string `json:"templateHash"`
	// What is kept and hashed for StatefulSets.
	Data         string `json:"data"`
	RevisionHash string `json:"revisionHash"`
}

func main() {
	// The controllers have logged times before they hash one, so that the zone is known.
	_ = time.Now().Format(time.RFC3339)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var q question
		must(json.Unmarshal(lines.Bytes(), &q))
		must(out.Encode(judge(q)))
	}
	must(lines.Err())
}

func judge(q question) answer {
	sent := apps.StatefulSet{Spec: apps.StatefulSetSpec{Template: q.Template}}
	wire, err := sent.Marshal()
	must(err)
	var set apps.StatefulSet
	must(set.Unmarshal(wire))

	template := *set.Spec.Template.DeepCopy()
	text := dump.ForHash(template)
	ofTemplate := fnv.New32a()
	write(ofTemplate, []byte(text))
	if q.CollisionCount != nil {
		count := make([]byte, 8)
		binary.LittleEndian.PutUint32(count, uint32(*q.CollisionCount))
		write(ofTemplate, count)
	}

	data := revisionData(&set)
	ofData := fnv.New32()
	write(ofData, data)
	if q.CollisionCount != nil {
		write(ofData, []byte(strconv.FormatInt(int64(*q.CollisionCount), 10)))
	}
	return answer{text, name(ofTemplate), string(data), name(ofData)}
}

// The patch that puts a set's template back, as maps print it.
func revisionData(set *apps.StatefulSet) []byte {
	encoded, err := runtime.Encode(scheme.Codecs.LegacyCodec(apps.SchemeGroupVersion), set)
	must(err)
	var object struct {
		Spec struct {
			Template map[string]any `json:"template"`
		} `json:"spec"`
	}
	must(json.Unmarshal(encoded, &object))
	object.Spec.Template["$patch"] = "replace"
	data, err := json.Marshal(map[string]any{"spec": map[string]any{"template": object.Spec.Template}})
	must(err)
	return data
}

func name(sum hash.Hash32) string { return rand.SafeEncodeString(fmt.Sprint(sum.Sum32())) }

func write(sum hash.Hash, bytes []byte) {
	_, err := sum.Write(bytes)
	must(err)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
