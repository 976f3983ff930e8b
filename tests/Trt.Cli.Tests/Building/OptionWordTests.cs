using Trt.Cli.Options;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary>The library's sentences about members become sentences about options.</summary>
public class OptionWordTests
{
    [Theory]
    [InlineData("OptimizationLevel = 9: CPU runtime keeps 3.", "--builder-optimization-level = 9: CPU runtime keeps 3.")]
    [InlineData("Precision.Int8: nothing says how. Give a Calibration, or a model with QuantizeLinear nodes.", "--int8: nothing says how. Give --calibrate, or a model with QuantizeLinear nodes.")]
    [InlineData("Precision.Int8: no ranges. ArbitraryInt8Ranges serves to measure speed. Sparsity too.", "--int8: no ranges. --arbitrary-int8-ranges serves to measure speed. Sparsity too.")]
    [InlineData("Refit = All: BuilderFlag.kREFIT is not in TensorRT 8.", "--refit: BuilderFlag.kREFIT is not in TensorRT 8.")]
    [InlineData("profile 0: nobody said. Give Profiles, Batch, NamedExtents or DynamicExtents.", "profile 0: nobody said. Give --opt-shapes, --batch, --named-extents or --dynamic-extents.")]
    [InlineData("Precision = FP8, Best: Best chooses by itself. Ask for it alone.", "--fp8, --best: Best chooses by itself. Ask for it alone.")]
    [InlineData("ParserFlags: AdjustForDLA: not there.", "--adjust-for-dla: not there.")]
    [InlineData("Device = 3: this machine has 1. Device 0 is there.", "--device = 3: this machine has 1. Device 0 is there.")]
    [InlineData("Nothing to say of Batches.", "Nothing to say of Batches.")]
    public void Members_get_the_names_of_options(string sentence, string said) => Assert.Equal(said, OptionWords.Translate(sentence));
}
