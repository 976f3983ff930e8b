using Trt.Interop.Core;
using Xunit;

namespace Trt.Interop.Tests;

public class LogSilenceTests
{
    [Fact]
    public void Loggers_hear_nothing_of_the_thread_until_it_ends()
    {
        List<string> heard = [];
        ILogger logger = RecordingLogger.For(new DelegateLogger((_, text) => heard.Add(text)));
        logger.Log(Severity.Error, "before");
        using (LogSilence.Begin())
        {
            using (LogSilence.Begin())
            {
                logger.Log(Severity.Error, "inner");
            }

            logger.Log(Severity.Error, "outer");
            Thread other = new(() => logger.Log(Severity.Error, "another thread"));
            other.Start();
            other.Join();
        }

        logger.Log(Severity.Error, "after");
        Assert.Equal(["before", "another thread", "after"], heard);
    }
}
