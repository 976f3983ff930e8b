using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Names of all kinds.</summary>
[Collection(RtxCollection.Name)]
public sealed class StringTests
{
    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("Schicht-über-層-🙂")]
    [InlineData("with\nline\tand \"quotes\"")]
    public void Name_comes_back(string name)
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        small.Layer.Name = name;
        small.Output.Name = name + "/output";
        small.Network.Name = name + "/network";

        Assert.Equal(name, small.Layer.Name);
        Assert.Equal(name + "/output", small.Output.Name);
        Assert.Equal(name + "/network", small.Network.Name);
        Assert.True(small.Build() > 0);
    }

    [SkippableTheory]
    [InlineData(84)]
    [InlineData(85)]
    [InlineData(86)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1300)]
    public void Length_does_not_matter(int length)
    {
        // Around the size of what is put on the stack, in one and in three bytes a character.
        using SmallNetwork small = new(BuilderLibrary.Load());
        foreach (string name in new[] { new string('n', length), new string('層', length) })
        {
            small.Layer.Name = name;
            Assert.Equal(name, small.Layer.Name);
        }
    }

    [SkippableFact]
    public void Name_that_is_too_long_for_the_library_stays_as_it_was()
    {
        CollectingLogger logger = new();
        using SmallNetwork small = new(BuilderLibrary.Load(), logger);
        small.Layer.Name = "short";
        small.Layer.Name = new string('x', 20000);

        Assert.Equal("short", small.Layer.Name);
        Assert.Contains(logger.Errors, line => line.StartsWith("ILayer::setName: Error Code 3", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void NUL_is_refused()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        ArgumentException exception = Assert.Throws<ArgumentException>(() => small.Layer.Name = "a\0b");
        Assert.Contains("a\\0b", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => small.Network.AddInput("a\0b", DataType.Float, [1]));
    }

    [SkippableFact]
    public void Empty_name_is_the_librarys_business()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        small.Layer.Name = string.Empty;
        Assert.Equal(string.Empty, small.Layer.Name);
    }
}
