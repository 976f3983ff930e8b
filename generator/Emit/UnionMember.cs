using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>A method over all releases.</summary>
internal sealed class UnionMember(UnionClass owner, string name)
{
    public UnionClass Owner { get; } = owner;

    /// <summary>The C++ name.</summary>
    public string Name { get; } = name;

    /// <summary>Index into the slot tables.</summary>
    public int Id { get; set; }

    /// <summary>Name of the constant that holds the id.</summary>
    public string Constant { get; set; } = "";

    /// <summary>Where it is, in each release that has it.</summary>
    public Dictionary<ApiModel, Binding> Bindings { get; } = [];

    public string FullName => Owner.Name + "." + Name;

    public Binding Best(ApiUnion union) => Bindings[union.Preferred.First(Bindings.ContainsKey)];
}

/// <summary>A method in one release.</summary>
/// <param name="Public">What the class declares.</param>
/// <param name="Native">The virtual function that is called in the end.</param>
/// <param name="Level">0: the object's own vtable; 1, 2, 3: that of the implementation at offset 8, 16, 24.</param>
/// <param name="Linux">Slot, Itanium order.</param>
/// <param name="Msvc">Slot, MSVC order.</param>
/// <param name="Own">Slots in the wrapper's own vtable, for the few that are virtual there too.</param>
internal sealed record Binding(MethodModel Public, MethodModel Native, int Level, int Linux, int Msvc, (int Linux, int Msvc)? Own);
