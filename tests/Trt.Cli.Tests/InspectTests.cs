using Xunit;

namespace Trt.Cli.Tests;

public class InspectTests
{
    [Fact]
    public void Weights_are_listed_with_types_shapes_and_sums()
    {
        Ran ran = Ran.Trt("weights", "ls", ModelFiles.Find("lenet.pth"));
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("conv1.weight", ran.Output, StringComparison.Ordinal);
        Assert.Contains("20x1x5x5", ran.Output, StringComparison.Ordinal);

        // 20·25 + 20, 50·20·25 + 50, 500·800 + 500, 10·500 + 10.
        Assert.Contains("8 tensors, 431,080 elements, 1.64 MiB", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();

        Assert.Equal(2, Ran.Trt("weights", "ls", ModelFiles.Find("lenet.pth"), "fc2", "--json").Json.GetProperty("tensors").GetArrayLength());
    }

    [Fact]
    public void A_file_that_is_nothing_known_is_refused_in_one_line()
    {
        Assert.Contains("no-such-file.plan", Ran.Trt("inspect", "no-such-file.plan").Refusal(), StringComparison.Ordinal);
        Assert.Contains("README.md", Ran.Trt("inspect", Checkout.Path("README.md")).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_command_line_is_told_with_where_help_is()
    {
        Ran ran = Ran.Trt("weights", "sl");
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        Assert.Contains("\"trt weights --help\"", ran.Error, StringComparison.Ordinal);
        Assert.Equal(0, Ran.Trt("--help").ExitCode);
    }
}
