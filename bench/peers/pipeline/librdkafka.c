/*
 * A router on librdkafka, at least once: records are consumed in batches, and positions committed each second behind what is acknowledged.
 * Arguments: bootstrap, input, even, odd, group.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS_MAX 10000
#define COMMIT_SECONDS 1

static const char *PREFIXES[2] = {"Even timestamp: ", "Odd timestamp:"};

static void die(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static void die_on(const char *what, rd_kafka_resp_err_t error) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) die(what, rd_kafka_err2str(error));
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) die(name, error);
}

static void acknowledged(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
  (void)producer;
  (void)opaque;
  die_on("a record was not acknowledged", message->err);
}

static rd_kafka_t *opened(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char error[256];
  rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == NULL) die("librdkafka", error);
  return client;
}

static rd_kafka_t *consumer_of(const char *bootstrap, const char *group) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", bootstrap);
  set(conf, "group.id", group);
  set(conf, "auto.offset.reset", "earliest");
  set(conf, "enable.auto.commit", "false");
  set(conf, "isolation.level", "read_committed");
  set(conf, "check.crcs", "true");
  set(conf, "max.partition.fetch.bytes", "4194304");
  set(conf, "queued.min.messages", "500000");
  rd_kafka_t *consumer = opened(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(consumer);
  return consumer;
}

static rd_kafka_t *producer_of(const char *bootstrap) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", bootstrap);
  set(conf, "enable.idempotence", "true");
  set(conf, "linger.ms", "20");
  set(conf, "batch.num.messages", "100000");
  set(conf, "batch.size", "1000000");
  set(conf, "queue.buffering.max.messages", "1000000");
  rd_kafka_conf_set_dr_msg_cb(conf, acknowledged);
  return opened(RD_KAFKA_PRODUCER, conf);
}

static void route(rd_kafka_t *producer, char *const topics[2], const rd_kafka_message_t *record) {
  const char *value = record->payload;
  int parity = value[record->len - 1] & 1;
  size_t prefix = strlen(PREFIXES[parity]);
  char *routed = malloc(prefix + record->len);
  memcpy(routed, PREFIXES[parity], prefix);
  memcpy(routed + prefix, value, record->len);
  rd_kafka_headers_t *headers = NULL;
  if (rd_kafka_message_headers(record, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) headers = rd_kafka_headers_copy(headers);
  int64_t timestamp = rd_kafka_message_timestamp(record, NULL);
  for (;;) {
    rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topics[parity]), RD_KAFKA_V_PARTITION(record->partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_FREE),
        RD_KAFKA_V_KEY(record->key, record->key_len), RD_KAFKA_V_VALUE(routed, prefix + record->len), RD_KAFKA_V_TIMESTAMP(timestamp),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) die_on("produce", error);
    rd_kafka_poll(producer, 100);
  }
}

int main(int count, char **arguments) {
  if (count < 6) die("arguments", "bootstrap, input, even, odd, group");
  rd_kafka_t *consumer = consumer_of(arguments[1], arguments[5]);
  rd_kafka_t *producer = producer_of(arguments[1]);
  char *const topics[2] = {arguments[3], arguments[4]};
  rd_kafka_topic_partition_list_t *inputs = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(inputs, arguments[2], RD_KAFKA_PARTITION_UA);
  die_on("subscribe", rd_kafka_subscribe(consumer, inputs));
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
  static rd_kafka_message_t *records[RECORDS_MAX];
  for (time_t committed = time(NULL);;) {
    ssize_t taken = rd_kafka_consume_batch_queue(queue, 100, records, RECORDS_MAX);
    for (ssize_t i = 0; i < taken; i++) {
      die_on("consume", records[i]->err);
      route(producer, topics, records[i]);
      rd_kafka_message_destroy(records[i]);
    }
    rd_kafka_poll(producer, 0);
    if (time(NULL) - committed < COMMIT_SECONDS) continue;
    die_on("flush", rd_kafka_flush(producer, 60000));
    rd_kafka_resp_err_t error = rd_kafka_commit(consumer, NULL, 0);
    if (error != RD_KAFKA_RESP_ERR__NO_OFFSET) die_on("commit", error);
    committed = time(NULL);
  }
}
