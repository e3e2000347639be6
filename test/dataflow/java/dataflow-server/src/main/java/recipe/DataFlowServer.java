package recipe;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.dataflow.server.EnableDataFlowServer;

/** What Spring's own executable server is as well; what it must not configure is excluded in application.properties. */
@SpringBootApplication
@EnableDataFlowServer
public class DataFlowServer {
  public static void main(String[] arguments) {
    SpringApplication.run(DataFlowServer.class, arguments);
  }
}
